import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { DIALECTS, type Dialect, type DialectName } from './dialects';

/** The expected messages: to one subject, all of the same length. */
export interface Answers {
  subject: string;
  payloadLength: number;
  /** Called with the number of messages that have arrived. */
  onFrames(count: number): void;
}

/** A connection to a broker with next to no overhead, so that a measurement shows the cost of the contender. */
export class Line {
  private constructor(
    private readonly socket: Socket,
    readonly dialect: Dialect,
  ) {}

  static async open(dialectName: DialectName, port: number, answers?: Answers): Promise<Line> {
    const dialect = DIALECTS[dialectName];
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const line = new Line(socket, dialect);
    await line.ask(dialect.hello, dialect.helloEnds);
    if (answers) {
      await line.ask(dialect.subscribe(answers.subject), dialect.subscribeEnds);
      line.count(answers);
    }
    return line;
  }

  write(frames: Buffer): void {
    this.socket.write(frames);
  }

  async close(): Promise<void> {
    this.socket.end();
    await once(this.socket, 'close');
  }

  private async ask(question: Buffer, answerEnds: Buffer): Promise<void> {
    this.socket.write(question);
    for (let last = Buffer.alloc(0); !last.includes(answerEnds); ) {
      const [chunk] = (await once(this.socket, 'data')) as [Buffer];
      last = Buffer.concat([last, chunk]);
    }
  }

  private count({ subject, payloadLength, onFrames }: Answers): void {
    const length = this.dialect.receivedLength(subject, payloadLength);
    let bytes = 0;
    this.socket.on('data', (chunk) => {
      bytes += chunk.length;
      const frames = Math.floor(bytes / length);
      bytes -= frames * length;
      if (frames > 0) onFrames(frames);
    });
    this.socket.resume();
  }
}
