"""Tables of labels: from the bytes of a file to labelled rows.

`cells` reads any kind of table into text, `columns` says what stands in each column, `choice` which column means what,
`propose` what is likely, and `rows` makes labelled rows of a table and a choice.
"""
