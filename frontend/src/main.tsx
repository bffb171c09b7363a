import "@mantine/core/styles.css";
import "./app/app.css";
import "./app/print.css";
import { startLanguage } from "./language/language";

// Texts may stand in any module, so none is loaded before the language is there.
startLanguage().then(() => import("./app/start"));
