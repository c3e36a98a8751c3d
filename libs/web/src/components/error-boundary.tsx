import { Component, type ReactNode } from 'react';
import { ProblemNote } from './problem-note.js';

/** A part of the page that cannot be drawn or loaded says so, where a blank page would say nothing. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    // After a release the old page's files are gone: loading it anew is the way out.
    return (
      <main className="main">
        <ProblemNote
          level={1}
          error={error}
          onRetry={() => {
            window.location.reload();
          }}
        />
      </main>
    );
  }
}
