"""The notification parsers against a fuzzer that watches which branches an input reaches.

`make fuzz` runs it (atheris has to be installed by hand: it is no part of the requirements); what
it found worth keeping is in `kept`, and `test_kept.py` plays that again with every `make test`.
"""
