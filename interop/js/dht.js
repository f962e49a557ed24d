// A DHT server, and one operation of a fresh client.
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'
import { DEADLINE_MILLIS, addressesOf, print, printListening, start, untilInputEnds } from './node.js'

const POLL_MILLIS = 5

// The namespace /test: every value is valid, the bytewise largest is the best.
const largest = (_, values) =>
  values.reduce((best, value, i) => (Buffer.compare(value, values[best]) > 0 ? i : best), 0)

const startDht = (protocol, clientMode) =>
  start('ed25519', ['/ip4/127.0.0.1/tcp/0'], {
    dht: kadDHT({
      protocol,
      clientMode,
      // Without it private addresses are left out.
      peerInfoMapper: passthroughMapper,
      validators: { test: async () => {} },
      selectors: { test: largest },
      // Queries otherwise wait for the first look-up of oneself.
      allowQueryWithZeroPeers: true
    })
  }, { connectionMonitor: { enabled: false } })

async function bootstrap (node, bootstraps) {
  const until = Date.now() + DEADLINE_MILLIS
  const addresses = addressesOf(bootstraps)
  for (const address of addresses) {
    await node.dial(address, { signal: AbortSignal.timeout(DEADLINE_MILLIS) })
  }
  while (node.services.dht.routingTable.size < addresses.length) {
    if (Date.now() > until) throw new Error('not all servers entered the routing table')
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
  }
}

async function serve (protocol, bootstraps) {
  const node = await startDht(protocol, false)
  printListening(node)
  await bootstrap(node, bootstraps)
  print({ event: 'bootstrapped', peers: node.services.dht.routingTable.size })
  await untilInputEnds()
  await node.stop()
}

async function ask (operation, protocol, bootstraps, [first, second]) {
  const node = await startDht(protocol, true)
  await bootstrap(node, bootstraps)
  const { dht } = node.services
  const options = { signal: AbortSignal.timeout(DEADLINE_MILLIS) }
  const began = performance.now()
  const result = { ok: true, self: node.peerId.toString() }
  const fail = (message) => { result.ok = false; result.message = message }
  try {
    switch (operation) {
      case 'put': {
        const name = Buffer.from(first)
        result.key = name.toString('hex')
        let stored = 0
        for await (const event of dht.put(name, Buffer.from(second), options)) {
          if (event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE') stored++
          if (event.name === 'QUERY_ERROR') console.error(`${event.from}: ${event.error.message}`)
        }
        result.stored = stored
        if (stored === 0) fail('nobody stored it')
        break
      }
      case 'get':
      case 'get-hex': {
        // What comes first may be the value of one peer alone.
        let best = null
        for await (const event of dht.get(Buffer.from(first, operation === 'get' ? 'utf8' : 'hex'), options)) {
          if (event.name === 'VALUE' && (best == null || Buffer.compare(event.value, best) > 0)) best = event.value
        }
        if (best == null) fail('no value')
        else result.value = Buffer.from(best).toString('base64')
        break
      }
      case 'provide': {
        let told = 0
        for await (const event of dht.provide(CID.parse(first), options)) {
          if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') told++
        }
        result.stored = told
        break
      }
      case 'find-providers': {
        const found = new Map()
        for await (const event of dht.findProviders(CID.parse(first), options)) {
          for (const peer of event.name === 'PROVIDER' ? event.providers : []) {
            found.set(peer.id.toString(), peer.multiaddrs.map(String))
          }
        }
        result.providers = [...found.keys()]
        result.addresses = [...found.values()].flat()
        break
      }
      case 'find-peer': {
        const found = await node.peerRouting.findPeer(peerIdFromString(first), options)
        result.addresses = found.multiaddrs.map(String)
        break
      }
      default:
        fail(`unknown operation ${operation}`)
    }
  } catch (e) {
    fail(e.message)
  }
  result.millis = performance.now() - began
  print(result)
  process.exit(result.ok ? 0 : 1)
}

export const dht = (operation, protocol, bootstraps, ...rest) =>
  operation === 'serve' ? serve(protocol, bootstraps) : ask(operation, protocol, bootstraps, rest)
