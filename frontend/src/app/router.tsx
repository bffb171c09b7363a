import { t } from "@lingui/core/macro";
import { createBrowserRouter, Navigate, type RouteObject } from "react-router";
import { Loading } from "@/components/Page";
import { pageTexts } from "@/language/language";
import { type Ahead, loadedAhead } from "./ahead";
import { ErrorPage, NotFoundPage } from "./ErrorPage";
import { ProjectShell } from "./ProjectShell";
import type { Place } from "./places";
import { Shell } from "./Shell";

type Load = () => Promise<{ Component: React.ComponentType }>;

/** A page that is loaded when it is opened, after its texts. */
const later =
  (load: Load): Load =>
  async () => {
    await pageTexts();
    return load();
  };

const viewer = loadedAhead(later(async () => ({ Component: (await import("./RecordingRoute")).RecordingRoute })));

/** Load something while nothing else is to be done; where it fails, it is loaded when it is wanted. */
function whenIdle(load: () => Promise<unknown>): void {
  const begin = () => void load().catch(() => undefined);
  if ("requestIdleCallback" in window) requestIdleCallback(begin, { timeout: 2000 });
  else setTimeout(begin, 500);
}

const page = (path: string, place: Place, load: Load | Ahead): RouteObject =>
  typeof load === "function"
    ? { path, handle: place, lazy: later(load) }
    : { path, handle: place, Component: load.Component };

const inProject: RouteObject[] = [
  { index: true, element: <Navigate to="overview" replace /> },
  page("overview", { step: "overview" }, async () => ({
    Component: (await import("@/features/overview/OverviewPage")).OverviewPage,
  })),
  page("recordings", { step: "recordings" }, async () => {
    whenIdle(viewer.ahead); // where one goes next from a list
    return { Component: (await import("@/features/recordings/RecordingsPage")).RecordingsPage };
  }),
  page("recordings/:recordingId", { step: "recordings", crumb: t`Recording`, wide: true }, viewer),
  page("imports", { step: "recordings", crumb: t`Imports` }, async () => ({
    Component: (await import("@/features/imports/ImportsPage")).ImportsPage,
  })),
  page("imports/:importId", { step: "recordings", crumb: t`Import report` }, async () => ({
    Component: (await import("@/features/imports/ImportPage")).ImportPage,
  })),
  page("labels", { step: "labels" }, async () => ({
    Component: (await import("./LabelsRoute")).LabelsRoute,
  })),
  page("labels/tables/:datasetId", { step: "labels", crumb: t`Statistics` }, async () => ({
    Component: (await import("@/features/datasets/StatisticsPage")).StatisticsPage,
  })),
  page("labels/:labelSetId/read", { step: "labels", crumb: t`Read`, wide: true }, async () => ({
    Component: (await import("./ReadRoute")).ReadRoute,
  })),
  page("labels/:labelSetId/readers", { step: "labels", crumb: t`Readers`, wide: true }, async () => ({
    Component: (await import("./ReadRoute")).ReadersRoute,
  })),
  page("runs", { step: "runs" }, async () => ({
    Component: (await import("@/features/runs/RunsPage")).RunsPage,
  })),
  page("runs/new", { step: "runs", crumb: t`New training` }, async () => ({
    Component: (await import("@/features/runs/NewRunPage")).NewRunPage,
  })),
  page("runs/side-by-side", { step: "runs", crumb: t`Side by side` }, async () => ({
    Component: (await import("@/features/runs/SideBySidePage")).SideBySidePage,
  })),
  page("runs/:runId", { step: "runs", crumb: t`Training` }, async () => ({
    Component: (await import("@/features/runs/RunPage")).RunPage,
  })),
  page("comparisons", { step: "runs", crumb: t`Which model?` }, async () => ({
    Component: (await import("@/features/comparisons/ComparisonsPage")).ComparisonsPage,
  })),
  page("comparisons/new", { step: "runs", crumb: t`New comparison` }, async () => ({
    Component: (await import("@/features/comparisons/NewComparisonPage")).NewComparisonPage,
  })),
  page("comparisons/:comparisonId", { step: "runs", crumb: t`Comparison` }, async () => ({
    Component: (await import("@/features/comparisons/ComparisonPage")).ComparisonPage,
  })),
  page("models", { step: "models" }, async () => ({
    Component: (await import("@/features/models/ModelsPage")).ModelsPage,
  })),
  page("models/:modelId", { step: "models", crumb: t`Model` }, async () => ({
    Component: (await import("@/features/models/ModelPage")).ModelPage,
  })),
  page("models/:modelId/evaluate", { step: "models", crumb: t`Evaluate` }, async () => ({
    Component: (await import("@/features/evaluations/EvaluatePage")).EvaluatePage,
  })),
  page("models/:modelId/publish", { step: "models", crumb: t`Publish` }, async () => ({
    Component: (await import("@/features/exchanges/PublishPage")).PublishPage,
  })),
  page("drift-checks/:checkId", { step: "models", crumb: t`Does it fit?` }, async () => ({
    Component: (await import("@/features/drift/DriftCheckPage")).DriftCheckPage,
  })),
  page("evaluations/:evaluationId", { step: "models", crumb: t`Evaluation`, wide: true }, async () => ({
    Component: (await import("./EvaluationRoute")).EvaluationRoute,
  })),
  page("predictions", { step: "predictions" }, async () => ({
    Component: (await import("@/features/predictions/PredictionsPage")).PredictionsPage,
  })),
  page("predictions/:predictionId", { step: "predictions", crumb: t`Prediction` }, async () => ({
    Component: (await import("@/features/predictions/PredictionPage")).PredictionPage,
  })),
  page(
    "explanations/:explanationId",
    { step: "predictions", crumb: t`What did the model look at?`, wide: true },
    async () => ({
      Component: (await import("./ExplanationRoute")).ExplanationRoute,
    }),
  ),
  page("privacy", { step: "", crumb: t`Privacy` }, async () => ({
    Component: (await import("@/features/accounts/PrivacyPage")).PrivacyPage,
  })),
  { path: "*", Component: NotFoundPage },
];

export const router = createBrowserRouter([
  {
    Component: Shell,
    ErrorBoundary: ErrorPage,
    HydrateFallback: () => <Loading />,
    children: [
      {
        ErrorBoundary: ErrorPage,
        children: [
          {
            index: true,
            lazy: later(async () => ({ Component: (await import("@/features/projects/ProjectsPage")).ProjectsPage })),
          },
          {
            path: "welcome",
            lazy: later(async () => ({ Component: (await import("@/features/accounts/WelcomePage")).WelcomePage })),
          },
          {
            path: "account",
            lazy: later(async () => ({ Component: (await import("@/features/accounts/AccountPage")).AccountPage })),
          },
          {
            path: "users",
            lazy: later(async () => ({ Component: (await import("@/features/accounts/UsersPage")).UsersPage })),
          },
          {
            path: "audit",
            lazy: later(async () => ({ Component: (await import("@/features/accounts/AuditPage")).AuditPage })),
          },
          {
            path: "exchanges",
            lazy: later(async () => ({
              Component: (await import("@/features/exchanges/ExchangesPage")).ExchangesPage,
            })),
          },
          {
            path: "exchanges/:exchangeId",
            lazy: later(async () => ({ Component: (await import("@/features/exchanges/ExchangePage")).ExchangePage })),
          },
          {
            path: "exchanges/:exchangeId/models/:slug/:version",
            lazy: later(async () => ({
              Component: (await import("@/features/exchanges/ExchangeModelPage")).ExchangeModelPage,
            })),
          },
          {
            path: "exchanges/:exchangeId/files/:name",
            lazy: later(async () => ({
              Component: (await import("@/features/exchanges/BareModelPage")).BareModelPage,
            })),
          },
          {
            path: "projects/:projectId",
            Component: ProjectShell,
            children: [{ ErrorBoundary: ErrorPage, children: inProject }],
          },
          { path: "*", Component: NotFoundPage },
        ],
      },
    ],
  },
]);
