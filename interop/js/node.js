// A js-libp2p node with TCP, Noise, Yamux, identify and ping, and what every command here needs.
import './node20.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

export const DEADLINE_MILLIS = 20_000

export const print = (line) => console.log(JSON.stringify(line))

const RSA_BITS = 2048
const key = (kind) => ({
  ed25519: () => generateKeyPair('Ed25519'),
  secp256k1: () => generateKeyPair('secp256k1'),
  rsa: () => generateKeyPair('RSA', RSA_BITS)
})[kind]()

export const start = async (kind, listen, services = {}, more = {}) =>
  createLibp2p({
    privateKey: await key(kind),
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), identifyPush: identifyPush(), ping: ping(), ...services },
    ...more
  })

export const printListening = (node) =>
  print({ event: 'listening', peerId: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) })

// Several addresses with commas between them; none is a dash.
export const addressesOf = (text) => (text === '-' ? [] : text.split(',').map((a) => multiaddr(a)))

export const untilInputEnds = async () => {
  process.stdin.resume()
  await new Promise((resolve) => process.stdin.once('close', resolve))
}
