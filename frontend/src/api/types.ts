/** Short names for the generated shapes. */

import type { components } from "./schema";

/** What the typed client answers with: it takes pairs for lists. */
type Answered<T> = T extends (infer E)[] ? Answered<E>[] : T extends object ? { [K in keyof T]: Answered<T[K]> } : T;
type Schemas = Answered<components["schemas"]>;

export type Agreement = Schemas["Agreement"];
export type Architecture = Schemas["ArchitectureInfo"];
export type Caution = Schemas["Caution"];
export type Dataset = Schemas["Dataset"];
export type DeviceFacts = Schemas["DeviceFacts"];
export type EvaluatedRecording = Schemas["EvaluatedRecording"];
export type EvaluationIn = components["schemas"]["EvaluationIn"];
export type EvaluationGroup = Schemas["EvaluationGroup"];
export type EvaluationResult = Schemas["EvaluationResult"];
export type CrossValidation = Schemas["CrossValidation"];
export type Exchange = Schemas["Exchange"];
export type ExchangeIn = components["schemas"]["ExchangeIn"];
export type ExchangeKey = Schemas["Key"];
export type ExchangeModel = Schemas["ExchangeModel"];
export type Finding = Schemas["Finding"];
export type Fold = Schemas["Fold"];
export type HowTested = Schemas["HowTested"];
export type Import = Schemas["Import"];
export type Job = Schemas["Job"];
export type JobEvent = Schemas["JobEvent"];
export type JobStatus = Job["status"];
export type LabelChoice = Schemas["LabelChoice"];
export type LabelSet = Schemas["LabelSet"];
export type LabelSetIn = Schemas["LabelSetIn"];
export type LabelOutputs = Schemas["LabelOutputs"];
export type LabelPreview = Schemas["LabelPreview"];
export type LeftOut = Schemas["LeftOut"];
export type LabelSource = Schemas["LabelSource"];
export type Measurements = Schemas["Measurements"];
export type MergeIn = components["schemas"]["MergeIn"];
export type Model = Schemas["Model"];
export type ModelEvaluationDetail = Schemas["ModelEvaluationDetail"];
export type ModelPatch = Schemas["ModelPatch"];
export type ModelEvaluation = Schemas["ModelEvaluation"];
export type Outcome = Schemas["Outcome"];
export type PretrainingMeasured = Schemas["Measured"];
export type Prediction = Schemas["Prediction"];
export type PredictionRow = Schemas["PredictionRow"];
export type Preview = Schemas["Preview"];
export type Round = Schemas["Round"];
export type RoundIn = components["schemas"]["RoundIn"];
export type RoundSite = Schemas["RoundSite"];
export type Project = Schemas["Project"];
export type ProjectIn = Schemas["ProjectIn"];
export type Publication = Schemas["Publication"];
export type Reading = Schemas["Reading"];
export type ReadingIn = Schemas["ReadingIn"];
export type ReadRecording = Schemas["ReadRecording"];
export type Recording = Schemas["Recording"];
export type LabelProbability = Schemas["LabelProbability"];
export type RecordingPrediction = Schemas["RecordingPrediction"];
export type RouterReport = Schemas["RouterReport"];
export type Region = Schemas["Region"];
export type Run = Schemas["Run"];
export type RunIn = Schemas["RunIn"];
export type SideBySide = Schemas["SideBySide"];
export type SpellingQuestion = Schemas["SpellingQuestion"];
export type System = Schemas["System"];
export type Transfer = Schemas["Transfer"];
export type TrainingEstimate = Schemas["TrainingEstimate"];
export type TrainingSetting = Schemas["SettingInfo"];
export type UploadReport = Schemas["UploadReport"];

// Results and epochs keep their pairs: (measured, predicted), (rate, loss), the two rows of a confusion matrix.
export type CalibrationResult = components["schemas"]["CalibrationResult"];
export type ClassResult = components["schemas"]["ClassResult"];
export type Epoch = components["schemas"]["Epoch"];
export type Estimate = components["schemas"]["Estimate"];
export type Evaluation = components["schemas"]["Evaluation"];
export type RegressionEvaluation = components["schemas"]["RegressionEvaluation"];
export type TargetResult = components["schemas"]["TargetResult"];
