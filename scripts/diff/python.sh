# Sourced by the scripts beside this folder.

# python_with REQUIREMENTS: makes a virtual environment with these packages under target/ when there
# is none for this very list, and prints its Python.
python_with() {
    local requirements=$1 name folder
    name=$(basename "$requirements" .txt)
    folder=$PWD/target/python/$name
    # Copied last: a folder without it was left by an interrupted installation.
    if ! cmp --silent "$requirements" "$folder/installed.txt"; then
        rm -rf "$folder"
        python3 -m venv "$folder"
        "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
            --requirement "$requirements" >&2
        cp "$requirements" "$folder/installed.txt"
    fi
    printf '%s\n' "$folder/bin/python"
}

# mcp_kit: prints the program named by MCP_KIT, else the release build, which is made.
mcp_kit() {
    if [ -z "${MCP_KIT:-}" ]; then
        cargo build --locked --release --bin mcp-kit >&2
        MCP_KIT=${CARGO_TARGET_DIR:-target}/release/mcp-kit
    fi
    realpath "$MCP_KIT"
}
