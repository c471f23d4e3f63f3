"""Runs a command once and prints how many messages a second it read, and its most resident memory."""

import resource
import subprocess
import sys
import time

messages, size, *command = sys.argv[1:]
start = time.perf_counter()
subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
seconds = time.perf_counter() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
rate, mib = int(messages) / seconds, int(size) / (1 << 20)
own = usage.ru_utime + usage.ru_stime
print(
    f"{int(messages):>9,} messages, {mib:6.0f} MiB: {seconds:5.2f} s ({own:5.2f} s of processor), "
    f"{rate:9,.0f} messages a second, {usage.ru_maxrss / 1024:5.0f} MiB resident"
)
