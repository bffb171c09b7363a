import { answer, client } from "./client";

const of = (projectId: string, patient: string) => ({
  params: { path: { project_id: projectId } },
  body: { patient }, // never in the address: addresses are kept in logs and histories
});

export const findPatient = (projectId: string, patient: string) =>
  answer(client.POST("/api/v1/projects/{project_id}/patients/find", of(projectId, patient)));

export const erasePatient = (projectId: string, patient: string) =>
  answer(client.POST("/api/v1/projects/{project_id}/patients/erase", of(projectId, patient)));
