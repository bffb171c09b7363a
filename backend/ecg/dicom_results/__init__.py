"""What a model says of an ECG as objects of DICOM: a structured report, and a PDF in DICOM's envelope.

Both say what they are: the answer of a model, for research, seen by nobody. They name the ECG that they are about where
it came as DICOM, and its study; the patient is the pseudonym of the platform, never who is named in the original.
"""
