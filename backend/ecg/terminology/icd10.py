"""Codes of ICD-10 that an ECG bears on, named in our own words.

Source: the numbers of chapter IX (I00 to I99) and a few of R and Z, ICD-10 of the World Health Organization, version
2019, https://icd.who.int/browse10/2019/en; the wording is not that of the classification.
"""

from collections.abc import Mapping
from types import MappingProxyType

ICD10: Mapping[str, str] = MappingProxyType(
    {
        "I10": "arterial hypertension", "I11.9": "hypertensive heart disease without heart failure",
        "I20.0": "unstable angina", "I20.1": "angina with coronary spasm", "I20.8": "stable angina",
        "I20.9": "angina pectoris", "I21.0": "acute transmural anterior infarction (STEMI)",
        "I21.1": "acute transmural inferior infarction (STEMI)",
        "I21.2": "acute transmural infarction of another site, such as lateral or posterior",
        "I21.3": "acute transmural infarction, site not said", "I21.4": "acute subendocardial infarction (NSTEMI)",
        "I21.9": "acute myocardial infarction", "I22.9": "another infarction within four weeks",
        "I24.1": "Dressler syndrome", "I24.9": "acute ischaemia of the heart",
        "I25.1": "coronary artery disease", "I25.2": "old myocardial infarction",
        "I25.3": "aneurysm of the heart wall", "I25.5": "ischaemic cardiomyopathy",
        "I25.6": "silent myocardial ischaemia", "I25.9": "chronic ischaemic heart disease",
        "I26.0": "pulmonary embolism with acute cor pulmonale", "I26.9": "pulmonary embolism",
        "I27.0": "primary pulmonary hypertension", "I27.9": "chronic cor pulmonale or pulmonary heart disease",
        "I30.9": "acute pericarditis", "I31.3": "pericardial effusion", "I34.0": "mitral regurgitation",
        "I35.0": "aortic stenosis", "I35.1": "aortic regurgitation", "I40.9": "acute myocarditis",
        "I42.0": "dilated cardiomyopathy", "I42.1": "obstructive hypertrophic cardiomyopathy",
        "I42.2": "hypertrophic cardiomyopathy without obstruction", "I42.5": "restrictive cardiomyopathy",
        "I42.8": "other cardiomyopathy, such as arrhythmogenic", "I42.9": "cardiomyopathy",
        "I43.1": "cardiac amyloidosis or other cardiomyopathy of a metabolic disease",
        "I44.0": "first degree AV block", "I44.1": "second degree AV block", "I44.2": "complete AV block",
        "I44.3": "AV block, degree not said", "I44.4": "left anterior fascicular block",
        "I44.5": "left posterior fascicular block", "I44.6": "fascicular block, which one not said",
        "I44.7": "left bundle branch block", "I45.0": "right fascicular block",
        "I45.1": "right bundle branch block", "I45.2": "bifascicular block", "I45.3": "trifascicular block",
        "I45.4": "nonspecific intraventricular block", "I45.5": "sinoatrial or other heart block",
        "I45.6": "pre-excitation (Wolff-Parkinson-White)", "I45.8": "AV dissociation and other conduction disorders",
        "I45.9": "conduction disorder", "I46.9": "cardiac arrest", "I47.0": "re-entry ventricular arrhythmia",
        "I47.1": "supraventricular tachycardia", "I47.2": "ventricular tachycardia",
        "I47.9": "paroxysmal tachycardia", "I48.0": "paroxysmal atrial fibrillation",
        "I48.1": "persistent atrial fibrillation", "I48.2": "permanent or chronic atrial fibrillation",
        "I48.3": "typical atrial flutter", "I48.4": "atypical atrial flutter",
        "I48.9": "atrial fibrillation or flutter", "I49.0": "ventricular fibrillation or flutter",
        "I49.1": "premature atrial beats", "I49.2": "premature junctional beats",
        "I49.3": "premature ventricular beats", "I49.4": "premature beats, origin not said",
        "I49.5": "sick sinus syndrome", "I49.8": "other arrhythmia, such as ectopic or junctional rhythm",
        "I49.9": "arrhythmia", "I50.1": "left heart failure", "I50.9": "heart failure",
        "I51.4": "myocarditis, course not said", "I51.7": "enlarged or hypertrophied heart chamber",
        "I51.8": "other heart disease, such as takotsubo", "R00.0": "tachycardia", "R00.1": "bradycardia",
        "R00.2": "palpitations", "R07.4": "chest pain", "R55": "syncope", "R94.3": "abnormal ECG or other heart test",
        "Z95.0": "cardiac pacemaker or defibrillator present",
    }
)  # fmt: skip
