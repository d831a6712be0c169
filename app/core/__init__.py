"""What things are: frozen dataclasses, enums and the error tree; standard library only."""
