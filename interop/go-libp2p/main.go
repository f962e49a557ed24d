// A go-libp2p peer for interop/run-libp2p.sh: what it says and checks stands in interop/PEERS.md.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

const (
	deadline = 60 * time.Second
	pings    = 5
)

var printing sync.Mutex

func say(fields map[string]any) {
	line, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(string(line))
}

func key(kind string) (crypto.PrivKey, error) {
	kinds := map[string]int{"ed25519": crypto.Ed25519, "secp256k1": crypto.Secp256k1, "ecdsa": crypto.ECDSA, "rsa": crypto.RSA}
	typ, known := kinds[kind]
	if !known {
		return nil, fmt.Errorf("unknown kind of key %s", kind)
	}
	private, _, err := crypto.GenerateKeyPairWithReader(typ, 2048, rand.Reader)
	return private, err
}

// Everything but transport, security and muxer is as go-libp2p has it for its users, but for the limits: those reset the 65th stream of a peer
// for one protocol.
func start(kind string, more libp2p.Option) (host.Host, error) {
	private, err := key(kind)
	if err != nil {
		return nil, err
	}
	manager, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(rcmgr.InfiniteLimits), rcmgr.WithMetricsDisabled())
	if err != nil {
		return nil, err
	}
	return libp2p.New(libp2p.ResourceManager(manager),
		libp2p.Identity(private), libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport), libp2p.DisableRelay(), libp2p.DisableMetrics(),
		libp2p.UserAgent("go-libp2p/0.51.0"), more)
}

func describe(e event.EvtPeerIdentificationCompleted) map[string]any {
	addresses := []string{}
	for _, a := range e.ListenAddrs {
		addresses = append(addresses, a.String())
	}
	return map[string]any{
		"event": "identified", "peerId": e.Peer.String(), "agentVersion": e.AgentVersion, "protocolVersion": e.ProtocolVersion,
		"protocols": e.Protocols, "listenAddresses": addresses, "observedAddress": fmt.Sprint(e.ObservedAddr),
		"signedRecord": e.SignedPeerRecord != nil,
	}
}

func listen(ctx context.Context, kind string) error {
	node, err := start(kind, libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
	if err != nil {
		return err
	}
	defer node.Close()
	serve(node)
	servePerf(node)
	identified, err := node.EventBus().Subscribe(new(event.EvtPeerIdentificationCompleted))
	if err != nil {
		return err
	}
	go func() {
		for e := range identified.Out() {
			info := e.(event.EvtPeerIdentificationCompleted)
			say(describe(info))
			if slices.Contains(info.Protocols, newID) {
				if err := answerPush(ctx, node, info.Peer); err != nil {
					fmt.Fprintln(os.Stderr, newID, err)
				}
				continue
			}
			result := <-ping.Ping(ctx, node, info.Peer)
			if result.Error != nil {
				fmt.Fprintln(os.Stderr, "ping:", result.Error)
				continue
			}
			say(map[string]any{"event": "pinged", "peerId": info.Peer.String()})
		}
	}()
	if err := sayListening(node); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func sayListening(node host.Host) error {
	addresses, err := peer.AddrInfoToP2pAddrs(host.InfoFromHost(node))
	if err != nil {
		return err
	}
	say(map[string]any{"event": "listening", "peerId": node.ID().String(), "addresses": addresses})
	return nil
}

// Whoever pushed waits for this.
func answerPush(ctx context.Context, node host.Host, them peer.ID) error {
	stream, err := node.NewStream(ctx, them, newID)
	if err != nil {
		return err
	}
	defer stream.Close()
	_, err = stream.Write([]byte{1})
	return err
}

func dial(ctx context.Context, kind, address string) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	node, err := start(kind, libp2p.NoListenAddrs)
	if err != nil {
		return err
	}
	defer node.Close()
	identified, err := node.EventBus().Subscribe(new(event.EvtPeerIdentificationCompleted))
	if err != nil {
		return err
	}
	them, err := peer.AddrInfoFromString(address)
	if err != nil {
		return err
	}
	if err := node.Connect(ctx, *them); err != nil {
		return err
	}
	var fields map[string]any
	speaks := false
	select {
	case e := <-identified.Out():
		info := e.(event.EvtPeerIdentificationCompleted)
		fields = describe(info)
		for _, p := range info.Protocols {
			speaks = speaks || p == echoID
		}
	case <-ctx.Done():
		return errors.New("no identify in time")
	}
	results := ping.Ping(ctx, node, them.ID)
	for range pings {
		if result := <-results; result.Error != nil {
			return result.Error
		}
	}
	checked := []string{}
	if speaks {
		if checked, err = checkAll(ctx, node, them.ID); err != nil {
			return err
		}
	}
	fields["event"], fields["self"], fields["pings"], fields["checks"] = "dialled", node.ID().String(), pings, checked
	say(fields)
	return nil
}

// What the words mean stands in interop/PEERS.md.
const usage = `listen KEYTYPE | dial KEYTYPE ADDRESS | mdns KEYTYPE | perf KEYTYPE ADDRESS | bench
dht serve PROTOCOL ADDRESSES | dht put|put-hex|put-pk|get|get-hex|provide|find-providers|find-peer PROTOCOL ADDRESSES ARGUMENT…
pubsub gossipsub|floodsub strict|none|lax sender|sha256 TOPIC ADDRESSES
bench-kad NODES ROUNDS | bench-gossip SECONDS MESSAGES
--params FILE`

func run(ctx context.Context, args []string) error {
	switch command := args[0]; {
	case command == "listen" && len(args) == 2:
		return listen(ctx, args[1])
	case command == "mdns" && len(args) == 2:
		return look(ctx, args[1])
	case command == "dial" && len(args) == 3:
		return dial(ctx, args[1], args[2])
	case command == "perf" && len(args) == 3:
		return perf(ctx, args[1], args[2])
	case command == "bench" && len(args) == 1:
		return bench(ctx)
	case command == "bench-listen" && len(args) == 1:
		return benchListen(ctx)
	case command == "dht" && len(args) == 4 && args[1] == "serve":
		return serveDht(ctx, args[2], args[3])
	case command == "dht" && len(args) >= 4:
		return askDht(ctx, args[1], args[2], args[3], args[4:])
	case command == "pubsub" && len(args) == 6:
		return chat(ctx, args[1], args[2], args[3], args[4], args[5])
	case command == "bench-kad" && len(args) == 3:
		n, err := numbers(args[1:]...)
		if err != nil {
			return err
		}
		return benchKad(ctx, n[0], n[1])
	case command == "bench-kad-first" && len(args) == 3:
		return benchKadFirst(ctx, args[1], args[2])
	case command == "bench-gossip" && len(args) == 3:
		n, err := numbers(args[1:]...)
		if err != nil {
			return err
		}
		return benchGossip(ctx, n[0], n[1])
	case command == "bench-gossip-peer" && len(args) == 2:
		return benchGossipPeer(ctx, args[1])
	case command == "--params" && len(args) == 2:
		return runSuite(ctx, args[1])
	default:
		return errors.New(usage)
	}
}

func main() {
	if err := run(context.Background(), append(os.Args[1:], "")[:max(1, len(os.Args)-1)]); err != nil {
		say(map[string]any{"event": "failed", "message": err.Error()})
		os.Exit(1)
	}
}
