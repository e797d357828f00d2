"""Looks at Swift source the way `tidy` needs it: without comments and strings, as lines, functions
and imports. Not a parser: it knows just enough of the lexical grammar to never mistake a word in a
comment or in a string for code.
"""

import re
from dataclasses import dataclass

FUNCTION = re.compile(
    r"(?<![\w.])(?:func\s+(?:`[^`]+`|[^\s(<]+)|init[?]?(?=\s*[(<])|deinit(?=\s*\{)"
    r"|subscript(?=\s*[(<])"
    r"|var\s+\w+\s*:[^={\n]*(?=\{))"
)
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?"
    r"import\s+(?:(?:struct|class|enum|func|protocol|let|var|typealias)\s+)?(\w+)"
)


@dataclass
class Function:
    """Where a function stands; lines count from 1 and include the signature and both braces."""

    first: int
    last: int


class SwiftSource:
    """One file: its lines, and `code`, the same text with comments and strings blanked out."""

    def __init__(self, text: str):
        self.lines = text.split("\n")
        self.code = blank(text)
        self.code_lines = self.code.split("\n")

    def imports(self) -> list[tuple[int, str]]:
        """Line and module of each import."""
        found = ((number, IMPORT.match(line)) for number, line in enumerate(self.code_lines, 1))
        return [(number, match.group(1)) for number, match in found if match]

    def functions(self) -> list[Function]:
        """Every function, initialiser, subscript and computed property with a body."""
        found = []
        for match in FUNCTION.finditer(self.code):
            start = body_start(self.code, match.end())
            if start is None:
                continue
            first = self.code.count("\n", 0, match.start()) + 1
            last = self.code.count("\n", 0, body_end(self.code, start)) + 1
            found.append(Function(first, last))
        return found


def body_start(code: str, position: int) -> int | None:
    """Index of the brace that opens the body, or nothing for a requirement of a protocol."""
    depth = 0
    while position < len(code):
        character = code[position]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "{" and depth == 0:
            return position
        elif character == "}" and depth == 0:
            return None
        elif character == "\n" and depth == 0:
            rest = code[position:].lstrip()
            if not re.match(r"(throws|async|->|where|\{|rethrows)", rest):
                return None
        position += 1
    return None


def body_end(code: str, position: int) -> int:
    """Index of the brace that closes the one at `position`."""
    depth = 0
    for index in range(position, len(code)):
        if code[index] == "{":
            depth += 1
        elif code[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return len(code) - 1


LEXEME = re.compile(r'//[^\n]*|/\*|`[^`\n]*`|(#*)("""|")')


def blank(text: str) -> str:
    """The text with comments and string contents replaced by blanks, line ends kept."""
    out = []
    position = 0
    while match := LEXEME.search(text, position):
        out.append(text[position : match.start()])
        lexeme = match.group(0)
        if lexeme == "/*":
            end = block_comment_end(text, match.start())
        elif match.group(2):
            end = string_end(text, match.end(), len(match.group(1)), match.group(2))
        else:
            end = match.end()
        piece = text[match.start() : end]
        # A raw identifier stays a word; its blanks and quotes must not look like code.
        if lexeme.startswith("`"):
            out.append("`" + re.sub(r"\W", "_", piece[1:-1]) + "`")
        else:
            out.append(re.sub(r"[^\n]", " ", piece))
        position = end
    out.append(text[position:])
    return "".join(out)


def block_comment_end(text: str, position: int) -> int:
    """Swift's block comments nest."""
    depth = 0
    for match in re.finditer(r"/\*|\*/", text[position:]):
        depth += 1 if match.group(0) == "/*" else -1
        if depth == 0:
            return position + match.end()
    return len(text)


def string_end(text: str, position: int, pounds: int, quote: str) -> int:
    """Index behind the string whose opening quote ends at `position`."""
    escape = "\\" + "#" * pounds
    close = quote + "#" * pounds
    while position < len(text):
        if text.startswith(escape + "(", position):
            position = interpolation_end(text, position + len(escape))
        elif text.startswith(escape, position):
            position += len(escape) + 1
        elif text.startswith(close, position):
            return position + len(close)
        else:
            position += 1
    return position


def interpolation_end(text: str, position: int) -> int:
    """Index behind the parenthesis that closes the one at `position`; strings inside may nest."""
    depth = 0
    while position < len(text):
        match = LEXEME.match(text, position)
        if match and match.group(2):
            position = string_end(text, match.end(), len(match.group(1)), match.group(2))
            continue
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        position += 1
        if depth == 0:
            break
    return position
