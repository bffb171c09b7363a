import { useEffect, useState } from "react";

/** Whether the viewer fills the screen. Where the browser gives no full screen, it fills the window. */
export function useFullScreen(): [boolean, (full: boolean) => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const left = () => !document.fullscreenElement && setFull(false);
    document.addEventListener("fullscreenchange", left);
    return () => document.removeEventListener("fullscreenchange", left);
  }, []);
  const change = (wanted: boolean) => {
    setFull(wanted);
    // The whole page goes there, so that lists and dialogs, which stand at its end, are seen too.
    if (wanted) void document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) void document.exitFullscreen();
  };
  return [full, change];
}
