"""Pages of the documentation that are made from the code, so that they cannot say anything else than the code does.

`python -m docs.generator` writes them, `tests/test_docs_generated.py` fails where one is stale.
"""
