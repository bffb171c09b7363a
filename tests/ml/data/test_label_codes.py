"""The ICD-10 code of a row belongs to its label, and to no label where the row has several: which one is not said."""

from tests.label_tables import parse


def test_a_code_beside_several_labels_is_given_to_none_of_them() -> None:
    table = parse(b"file_name,label,ICD-10\na.dcm,AFIB;CRBBB,I48.0\nb.dcm,CRBBB,I45.1\nc.dcm,IMI,\n")
    assert table.labels == ("AFIB", "CRBBB", "IMI")
    assert dict(table.codes) == {"CRBBB": "I45.1"}


def test_the_first_code_of_a_label_counts() -> None:
    table = parse(b"file_name,label,ICD-10\na.dcm,AFIB,I48.0\nb.dcm,AFIB,I48.2\nc.dcm,NORM,\n")
    assert dict(table.codes) == {"AFIB": "I48.0"}
