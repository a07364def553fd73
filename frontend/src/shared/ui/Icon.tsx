const PATHS = {
  bag: ["M5 9h14l-1.2 9.2a2 2 0 0 1-2 1.8H8.2a2 2 0 0 1-2-1.8L5 9Z", "M9 9V7.5a3 3 0 0 1 6 0V9"],
  card: ["M3.5 6.5h17v11h-17z", "M3.5 10h17", "M7 14.5h4"],
  cross: ["M6 6l12 12", "M18 6L6 18"],
  loupe: ["M10.5 4.5a6 6 0 1 0 0 12a6 6 0 1 0 0-12Z", "M15 15l5 5"],
  moon: ["M19.5 14A8 8 0 1 1 10 4.5a6.5 6.5 0 0 0 9.5 9.5Z"],
  pulse: ["M3 12h4l2.5-6 4.5 12 2.5-6H21"],
  receipt: ["M6 3.5h12v17l-2-1.4-2 1.4-2-1.4-2 1.4-2-1.4-2 1.4Z", "M9 8.5h6", "M9 12.5h6"],
  screen: ["M4 5h16v11H4z", "M9 20h6", "M12 16v4"],
  sun: ["M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8Z", "M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"],
  truck: ["M2.5 6.5h11v10h-11z", "M13.5 10h4l4 3.5v3h-8", "M6.5 15a2 2 0 1 0 0 4a2 2 0 1 0 0-4Z", "M17 15a2 2 0 1 0 0 4a2 2 0 1 0 0-4Z"],
} as const;

export type IconName = keyof typeof PATHS;

/** A drawn sign beside words that say the same; screen readers pass it over. */
export function Icon({ name, size = 22 }: { name: IconName; size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false" className="icon">
      {PATHS[name].map((path) => <path key={path} d={path} />)}
    </svg>
  );
}
