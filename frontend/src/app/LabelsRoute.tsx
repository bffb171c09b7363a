import { useProjectId } from "@/components/useProjectId";
import { LabelSets } from "@/features/annotations/LabelSets";
import { LabelsPage } from "@/features/datasets/LabelsPage";

/** Tables of labels, and labels given on the page: two features that do not know of each other meet here. */
export function LabelsRoute() {
  const projectId = useProjectId();
  return <LabelsPage labelSets={<LabelSets projectId={projectId} />} />;
}
