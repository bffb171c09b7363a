"""The five diagnostic superclasses of PTB-XL, by SCP code.

Source: scp_statements.csv of PTB-XL 1.0.3 (Wagner et al. 2020, doi:10.1038/s41597-020-0495-6; CC BY 4.0): the column
diagnostic_class. Codes of rhythm and form have no superclass.
"""

from collections.abc import Mapping
from types import MappingProxyType

SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")

_CODES = {
    "NORM": "NORM",
    "MI": "IMI ASMI ILMI AMI ALMI LMI IPLMI IPMI PMI INJAS INJAL INJIN INJLA INJIL",
    "STTC": "NDT NST_ DIG LNGQT ISC_ ISCAL ISCIN ISCIL ISCAS ISCLA ISCAN ANEUR EL",
    "CD": "LAFB IRBBB 1AVB IVCD CRBBB CLBBB LPFB WPW ILBBB 3AVB 2AVB",
    "HYP": "LVH LAO/LAE RVH RAO/RAE SEHYP",
}
SUPERCLASS_OF: Mapping[str, str] = MappingProxyType(
    {code: name for name, codes in _CODES.items() for code in codes.split()}
)
