/** Names of picture formats by what their files begin with; `null` stands for any byte. */
const SIGNATURES: [name: string, signature: (number | null)[]][] = [
  ['PNG', [0x89, ...codes('PNG')]],
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['GIF', codes('GIF87a')],
  ['GIF', codes('GIF89a')],
  ['WebP', [...codes('RIFF'), null, null, null, null, ...codes('WEBP')]],
  ['AVIF', [null, null, null, null, ...codes('ftypavi')]],
  ['HEIC', [null, null, null, null, ...codes('ftyphe')]],
  ['HEIC', [null, null, null, null, ...codes('ftypmif')]],
  ['TIFF', [...codes('II'), 42, 0]],
  ['TIFF', [...codes('MM'), 0, 42]],
  ['BMP', [...codes('BM'), null, null, null, null, 0, 0, 0, 0]],
  ['ICO', [0, 0, 1, 0]],
  ['JPEG XL', [0xff, 0x0a]],
  ['JPEG XL', [0, 0, 0, 12, ...codes('JXL ')]],
  ['JPEG 2000', [0, 0, 0, 12, ...codes('jP  ')]],
  ['QOI', codes('qoif')],
  ['SVG', codes('<svg')],
  ['SVG', codes('<?xml')],
];

/** The name of the format of a picture file, as far as it is known. */
export function imageFormatOf(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(([, signature]) => signature.every((byte, at) => byte === null || byte === bytes[at]))?.[0];
}

function codes(text: string): number[] {
  return [...Buffer.from(text, 'latin1')];
}
