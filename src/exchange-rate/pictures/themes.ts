export const THEME_NAMES = ['light', 'dark'] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

export interface Theme {
  readonly background: string;
  readonly border: string;
  readonly grid: string;
  /** The colours of text have a contrast of at least 4.5 : 1 with the background (WCAG 2.2, 1.4.3). */
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly warning: string;
  readonly danger: string;
}

export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  light: {
    background: '#ffffff',
    border: '#d4dae1',
    grid: '#e7ebef',
    text: '#17212b',
    muted: '#566370',
    line: '#0b62d6',
    warning: '#8f5a00',
    danger: '#c5221f',
  },
  dark: {
    background: '#0f151c',
    border: '#343d48',
    grid: '#222b35',
    text: '#eef2f6',
    muted: '#9aa6b2',
    line: '#58a1ff',
    warning: '#e0a63c',
    danger: '#ff6b62',
  },
};
