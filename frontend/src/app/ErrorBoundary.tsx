import { Component } from "react";
import type { ReactNode } from "react";

interface Props {
  /** What to show in place of children that failed to draw. */
  fallback: ReactNode;
  children: ReactNode;
}

/** Keeps a page that fails to draw from taking the whole shop with it. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}
