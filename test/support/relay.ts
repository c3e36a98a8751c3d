import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A cable between a client and its server that can be made to hang: open on both sides, and nothing arrives. */
export class Relay {
  private readonly sockets = new Set<Socket>();
  private hangs = false;

  private constructor(
    private readonly server: Server,
    /** As the URL of the far side, by way of this relay. */
    readonly url: string,
  ) {}

  static async to(target: string): Promise<Relay> {
    const far = new URL(target);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const near = new URL(target);
    near.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const relay = new Relay(server, near.href);
    server.on('connection', (socket) => relay.join(socket, connect(Number(far.port), far.hostname)));
    return relay;
  }

  hang(): void {
    this.hangs = true;
    for (const socket of this.sockets) socket.pause();
  }

  goOn(): void {
    this.hangs = false;
    for (const socket of this.sockets) socket.resume();
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(one: Socket, other: Socket): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.hangs) from.pause();
    }
  }
}
