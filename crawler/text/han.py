"""Which characters are Han: one definition for folding, glosses, n-grams and tokens; refuses kana and Hangul."""

#: The inside of a character class: 々 and 〇, the unified ideographs with extensions, the compatibility ideographs.
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"


def is_han(character: str) -> bool:
    """Whether one character is Han. Pure.

    >>> is_han("數"), is_han("の"), is_han("5")
    (True, False, False)
    """
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3400" <= character <= "\u4dbf"
        or "\U00020000" <= character <= "\U0003ffff"
        or "\uf900" <= character <= "\ufaff"
        or character in ("\u3005", "\u3007")
    )
