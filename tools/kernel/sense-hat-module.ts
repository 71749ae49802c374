const ID_BYTES = 16; // `fb_fix_screeninfo.id`: https://docs.kernel.org/fb/api.html
const id = (name: string) => Buffer.alloc(ID_BYTES, 0).fill(name, 0, name.length);

/** The end of a signed module, after a `struct module_signature`: include/linux/module_signature.h */
const SIGNED = Buffer.from('~Module signature appended~\n');
const SIGNATURE_HEADER_BYTES = 12;

/** The kernel's virtual framebuffer, `vfb.ko`, under the name of the HAT's and without its signature. */
export function asSenseHat(vfb: Buffer): Buffer {
  const module = Buffer.from(withoutSignature(vfb));
  const at = module.indexOf(id('Virtual FB'));
  if (at < 0) throw new Error('vfb.ko does not contain the name Virtual FB.');
  id('RPi-Sense FB').copy(module, at);
  return module;
}

function withoutSignature(module: Buffer): Buffer {
  const end = module.length - SIGNED.length;
  if (!module.subarray(end).equals(SIGNED)) return module;
  const signatureBytes = module.readUInt32BE(end - 4);
  return module.subarray(0, end - SIGNATURE_HEADER_BYTES - signatureBytes);
}
