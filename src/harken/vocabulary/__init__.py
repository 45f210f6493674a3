"""The words everyone in Harken shares; standard library only."""
