import type { Page } from 'playwright-core';

/** A picture that is drawn over the ones before it. */
export interface FilmFrame {
  /** A WebP file of one picture. */
  file: Buffer;
  /** Where it is drawn; even numbers. */
  x: number;
  y: number;
  width: number;
  height: number;
  durationMs: number;
}

/** Converts a PNG to WebP, in the browser. */
export async function webpOf(page: Page, png: Buffer, quality: number): Promise<Buffer> {
  const url = await page.evaluate(convert, [`data:image/png;base64,${png.toString('base64')}`, quality] as const);
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

/** Joins pictures to one moving picture that repeats: https://developers.google.com/speed/webp/docs/riff_container */
export function animatedWebp(frames: FilmFrame[]): Buffer {
  const [first] = frames;
  if (!first) throw new Error('A moving picture has a frame at least.');
  const header = Buffer.alloc(10);
  header.writeUInt8(0x02, 0); // It has an animation, and no transparency.
  header.writeUIntLE(first.width - 1, 4, 3);
  header.writeUIntLE(first.height - 1, 7, 3);
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    chunk('VP8X', header),
    chunk('ANIM', Buffer.alloc(6)),
    ...frames.map((frame) => chunk('ANMF', Buffer.concat([headerOf(frame), imageIn(frame.file)]))),
  ]);
  return chunk('RIFF', body);
}

/** The chunk of a file that has the picture; those of the browser have a colour profile too. */
function imageIn(file: Buffer): Buffer {
  for (let at = 12; at < file.length; ) {
    const end = at + 8 + file.readUInt32LE(at + 4);
    if (/^VP8[ L]$/.test(file.toString('latin1', at, at + 4))) return file.subarray(at, end + (end % 2));
    at = end + (end % 2);
  }
  throw new Error('The file has no picture.');
}

function headerOf({ x, y, width, height, durationMs }: FilmFrame): Buffer {
  const header = Buffer.alloc(16);
  [x / 2, y / 2, width - 1, height - 1, durationMs].forEach((number, index) => {
    header.writeUIntLE(number, 3 * index, 3);
  });
  header.writeUInt8(0x02, 15); // It covers what was there before.
  return header;
}

function chunk(name: string, content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(name), size, content, Buffer.alloc(content.length % 2)]);
}

/** Runs in the page. */
async function convert([url, quality]: readonly [string, number]): Promise<string> {
  interface Canvas {
    width: number;
    height: number;
    getContext(kind: '2d'): { drawImage(image: object, x: number, y: number): void };
    toDataURL(type: string, quality: number): string;
  }
  interface Image {
    src: string;
    width: number;
    height: number;
    decode(): Promise<void>;
  }
  const { document } = globalThis as unknown as { document: { createElement(tag: string): unknown } };
  const image = document.createElement('img') as Image;
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas') as Canvas;
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', quality);
}
