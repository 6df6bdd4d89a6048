"""Commands about the program itself: settings, doctor, privacy-proof, demo."""

from shell.cli_answer import Answer
from shell.cli_globals import Asked
from shell.cli_words import command, option, word
from shell.settings import Settings


@command(word("name", required=False), word("value", required=False))
def settings(asked: Asked, name: str | None, value: str | None) -> Answer:
    """Show all settings, or one, or set one."""
    kept = Settings(asked.places if asked.session is None else None)
    if name is not None and value is not None:
        kept.set(name, value)
    shown = kept.all() if name is None else {name: kept.get(name)}
    return Answer("done", {"settings": shown})


@command()
def doctor(asked: Asked) -> Answer:
    """Say what works on this machine, where everything lies and how it is protected."""
    from shell.doctor import examined

    return Answer("doctor", examined(asked.places, asked.texts))


@command()
def privacy_proof(asked: Asked) -> Answer:
    """Use the program on a made-up patient and show everything that it wrote and opened."""
    from shell.proof import proved

    value = proved(asked.texts, asked.aside)
    return Answer("proof", value, 0 if value["clean"] else 3)


@command(option("-o", "--output"))
def demo(asked: Asked, output: str | None) -> Answer:
    """Make a scan, import, find, reopen and render it; the archive is not touched."""
    from shell.demo import shown

    return Answer("demo", shown(output, asked.texts, asked.aside))
