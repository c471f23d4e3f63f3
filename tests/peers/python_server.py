"""A small lending-library server on the Python SDK (`mcp` 2.x), as its users would write one.

Three typed tools over streamable HTTP, in both protocol eras: an independent peer for `mcp-kit`.
It listens on a free loopback port, prints its URL as the first line, and quits when standard
input closes. Not for showing what a bad server does, nor for serving anybody.
"""

import datetime
import socket
import sys
import threading
from typing import Annotated

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

SERVER = MCPServer(
    name="library",
    version="1.0.0",
    instructions="Find a book first, then read or renew its loan by the loan number.",
    log_level="WARNING",
)

LoanNumber = Annotated[
    str, Field(description="The loan number, such as `L-204`.", pattern="^L-[0-9]{3}$")
]


class Book(BaseModel):
    isbn: str = Field(description="The 13 digits of the ISBN, without dashes.")
    title: str = Field(description="The title as printed on the book.")
    loan_number: str | None = Field(description="The running loan, or null when the book is in.")


class BookList(BaseModel):
    books: list[Book] = Field(description="The books found, ordered by title.")
    total: int = Field(description="How many books match, those beyond the limit included.")


class Loan(BaseModel):
    loan_number: str = Field(description="The loan number, such as `L-204`.")
    isbn: str = Field(description="The ISBN of the book on loan.")
    due: datetime.date = Field(description="The day on which the book is due back.")
    renewals_left: int = Field(description="How often the loan can still be renewed.")


BOOKS = [
    Book(isbn="9780141439518", title="Pride and Prejudice", loan_number="L-204"),
    Book(isbn="9780141441146", title="Jane Eyre", loan_number="L-311"),
    Book(isbn="9780141439600", title="A Tale of Two Cities", loan_number=None),
]
LOANS = {
    "L-204": Loan(loan_number="L-204", isbn="9780141439518", due="2026-03-02", renewals_left=2),
    "L-311": Loan(loan_number="L-311", isbn="9780141441146", due="2026-03-09", renewals_left=0),
}
# Answers already given, by idempotency key.
RENEWALS: dict[str, Loan] = {}


@SERVER.tool(
    title="Find books", annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False)
)
def find_books(
    word: Annotated[
        str, Field(description="A word of the title, in any case.", min_length=1, max_length=60)
    ],
    limit: Annotated[int, Field(description="How many books to return at most.", ge=1, le=50)] = 10,
) -> BookList:
    """Find books of the library by a word of their title. Returns at most `limit` books."""
    found = [book for book in BOOKS if word.lower() in book.title.lower()]
    found.sort(key=lambda book: book.title)
    return BookList(books=found[:limit], total=len(found))


@SERVER.tool(
    title="Get a loan", annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False)
)
def get_loan(loan_number: LoanNumber) -> Loan:
    """Get one loan by its number: which book, when it is due, and whether it can be renewed."""
    if loan_number not in LOANS:
        raise ToolError(f"no loan has the number {loan_number}; look it up with find_books")
    return LOANS[loan_number]


@SERVER.tool(
    title="Renew a loan",
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)
def renew_loan(
    loan_number: LoanNumber,
    idempotency_key: Annotated[
        str,
        Field(
            description="Reuse the same key when you repeat this request; a new key only for a "
            "different renewal.",
            pattern="^[A-Za-z0-9_-]{16,64}$",
        ),
    ],
) -> Loan:
    """Renew a loan by 14 days, once for each idempotency key: a repeat returns the first answer."""
    if earlier := RENEWALS.get(idempotency_key):
        if earlier.loan_number != loan_number:
            raise ToolError("this key belongs to a different renewal; use a new key")
        return earlier
    loan = get_loan(loan_number)
    if loan.renewals_left == 0:
        raise ToolError(f"loan {loan_number} cannot be renewed again; the book is due {loan.due}")
    renewed = loan.model_copy(
        update={
            "due": loan.due + datetime.timedelta(days=14),
            "renewals_left": loan.renewals_left - 1,
        }
    )
    LOANS[loan_number] = RENEWALS[idempotency_key] = renewed
    return renewed


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))  # Listens already: no caller comes too early.
    port = listener.getsockname()[1]
    app = SERVER.streamable_http_app()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))

    def quit_when_input_closes() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    threading.Thread(target=quit_when_input_closes, daemon=True).start()
    print(f"http://127.0.0.1:{port}/mcp", flush=True)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
