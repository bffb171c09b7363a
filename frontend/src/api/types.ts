/** Short names for the generated shapes. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Architecture = Schemas["ArchitectureInfo"];
export type Dataset = Schemas["Dataset"];
export type DeviceFacts = Schemas["DeviceFacts"];
export type Estimate = Schemas["Estimate"];
export type Finding = Schemas["Finding"];
export type Import = Schemas["Import"];
export type Job = Schemas["Job"];
export type JobEvent = Schemas["JobEvent"];
export type JobStatus = Job["status"];
export type Measurements = Schemas["Measurements"];
export type Model = Schemas["Model"];
export type ModelPatch = Schemas["ModelPatch"];
export type Outcome = Schemas["Outcome"];
export type Prediction = Schemas["Prediction"];
export type PredictionRow = Schemas["PredictionRow"];
export type Preview = Schemas["Preview"];
export type Project = Schemas["Project"];
export type ProjectIn = Schemas["ProjectIn"];
export type Recording = Schemas["Recording"];
export type RecordingPrediction = Schemas["RecordingPrediction"];
export type Run = Schemas["Run"];
export type RunIn = Schemas["RunIn"];
export type System = Schemas["System"];
export type UploadReport = Schemas["UploadReport"];
