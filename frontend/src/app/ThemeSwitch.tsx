import { useEffect } from "react";

import { useTexts } from "@/shared/i18n/language";
import { chooseTheme, THEMES, useTheme } from "@/shared/theme/theme";
import type { Theme } from "@/shared/theme/theme";
import { Icon } from "@/shared/ui/Icon";

const ICONS = { system: "screen", light: "sun", dark: "moon" } as const;

/** Light, dark, or as the device has it: each press goes on to the next. */
export function ThemeSwitch() {
  const texts = useTexts().theme;
  const theme = useTheme();
  useEffect(() => { show(theme); }, [theme]);
  const words = `${texts.switch}: ${texts[theme]}`;
  return (
    <button
      type="button"
      className="header__button"
      title={words}
      aria-label={words}
      data-testid="theme-switch"
      onClick={() => { chooseTheme(after(theme)); }}
    >
      <Icon name={ICONS[theme]} />
    </button>
  );
}

function after(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
}

function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
