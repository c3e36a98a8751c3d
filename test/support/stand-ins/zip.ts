import { crc32, deflateRawSync } from 'node:zlib';

/** A zip of one file, as a reader of PKWARE's APPNOTE expects it: local header, data, central directory, end record. */
export function zipOf(name: string, content: Buffer, method: 'deflated' | 'stored' = 'deflated'): Buffer {
  const data = method === 'deflated' ? deflateRawSync(content) : content;
  const nameBytes = Buffer.from(name, 'utf8');
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0); // version needed: 2.0
  common.writeUInt16LE(0x0800, 2); // names in UTF-8
  common.writeUInt16LE(method === 'deflated' ? 8 : 0, 4);
  common.writeUInt16LE(0, 6); // time: midnight
  common.writeUInt16LE(0x21, 8); // date: 1 January 1980, the earliest there is
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(nameBytes.length, 22);
  common.writeUInt16LE(0, 24); // no extra field

  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, data]);
  // Made by 2.0; then no comment, first disk, no attributes, and the local header at offset 0.
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, Buffer.alloc(14), nameBytes]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
