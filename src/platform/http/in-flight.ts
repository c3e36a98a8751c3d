import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import type { Server } from 'node:http';

/** So long a stop waits for answers; what then remains is cut. */
const DRAIN_DEADLINE_MS = 10_000;

/**
 * The requests that are being answered. From the stop signal on, connections are not kept alive; the port stays open,
 * so that a balancer sees this replica as not ready, until what was in flight then has been answered. Nest closes the
 * server afterwards.
 */
@Injectable()
export class InFlight implements BeforeApplicationShutdown {
  private readonly responses = new Set<Response>();
  private wake: (() => void) | undefined;
  private isStopping = false;

  constructor(private readonly host: HttpAdapterHost) {}

  get stopping(): boolean {
    return this.isStopping;
  }

  readonly middleware = (_request: Request, response: Response, next: NextFunction): void => {
    if (this.isStopping) response.setHeader('Connection', 'close');
    this.responses.add(response);
    // Emitted in any case: after the last byte, and where the caller has gone.
    response.once('close', () => {
      this.responses.delete(response);
      this.wake?.();
    });
    next();
  };

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    for (const response of this.responses) if (!response.headersSent) response.setHeader('Connection', 'close');
    const deadline = AbortSignal.timeout(DRAIN_DEADLINE_MS);
    deadline.addEventListener('abort', () => this.wake?.());
    await this.answered([...this.responses], deadline);
    // A worker serves nothing; a start that failed does not listen yet.
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    if (server?.listening !== true) return;
    server.close();
    await this.answered(this.responses, deadline);
  }

  /** Resolves when none of these is open any more, or at the deadline. */
  private async answered(responses: Iterable<Response>, deadline: AbortSignal): Promise<void> {
    const open = () => [...responses].some((response) => this.responses.has(response));
    while (open() && !deadline.aborted) await new Promise<void>((resolve) => (this.wake = resolve));
  }
}
