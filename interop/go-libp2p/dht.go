package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p"
	kad "github.com/libp2p/go-libp2p-kad-dht"
	record "github.com/libp2p/go-libp2p-record"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// The namespace /test: every value is valid, the bytewise largest is the best.
type largest struct{}

func (largest) Validate(string, []byte) error { return nil }

func (largest) Select(_ string, values [][]byte) (int, error) {
	best := 0
	for i, value := range values {
		if bytes.Compare(value, values[best]) > 0 {
			best = i
		}
	}
	return best, nil
}

const kadSuffix = "/kad/1.0.0"

func newDht(node host.Host, id string, mode kad.ModeOpt) (*kad.IpfsDHT, error) {
	prefix, ok := strings.CutSuffix(id, kadSuffix)
	if !ok {
		return nil, fmt.Errorf("%s does not end in %s", id, kadSuffix)
	}
	options := []kad.Option{kad.ProtocolPrefix(protocol.ID(prefix)), kad.Mode(mode)}
	// The library insists on its own validators under its own prefix.
	if prefix != "/ipfs" {
		options = append(options, kad.Validator(record.NamespacedValidator{
			"test": largest{}, "pk": record.PublicKeyValidator{},
		}))
	}
	return kad.New(node, options...)
}

func addressesOf(text string) ([]peer.AddrInfo, error) {
	if text == "-" {
		return nil, nil
	}
	var all []peer.AddrInfo
	for _, each := range strings.Split(text, ",") {
		info, err := peer.AddrInfoFromString(each)
		if err != nil {
			return nil, err
		}
		all = append(all, *info)
	}
	return all, nil
}

// Connects, and waits until those that are servers are in the routing table.
func bootstrap(ctx context.Context, node host.Host, dht *kad.IpfsDHT, text string) error {
	peers, err := addressesOf(text)
	if err != nil {
		return err
	}
	for _, each := range peers {
		if err := node.Connect(ctx, each); err != nil {
			return err
		}
	}
	for _, each := range peers {
		for dht.RoutingTable().Find(each.ID) == "" {
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s did not enter the routing table", each.ID)
			case <-time.After(2 * time.Millisecond):
			}
		}
	}
	return nil
}

func serveDht(ctx context.Context, id, bootstraps string) error {
	node, err := start("ed25519", libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
	if err != nil {
		return err
	}
	defer node.Close()
	dht, err := newDht(node, id, kad.ModeServer)
	if err != nil {
		return err
	}
	defer dht.Close()
	if err := sayListening(node); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	if err := bootstrap(within, node, dht, bootstraps); err != nil {
		return err
	}
	say(map[string]any{"event": "bootstrapped", "peers": dht.RoutingTable().Size()})
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// One operation of a fresh client; a provider has to listen, because its entry carries its addresses.
func askDht(ctx context.Context, operation, id, bootstraps string, args []string) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	node, err := start("ed25519", libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
	if err != nil {
		return err
	}
	defer node.Close()
	dht, err := newDht(node, id, kad.ModeClient)
	if err != nil {
		return err
	}
	defer dht.Close()
	if err := bootstrap(ctx, node, dht, bootstraps); err != nil {
		return err
	}
	result := map[string]any{"ok": true, "self": node.ID().String()}
	began := time.Now()
	switch {
	case operation == "put" && len(args) == 2:
		result["key"] = hex.EncodeToString([]byte(args[0]))
		err = dht.PutValue(ctx, args[0], []byte(args[1]))
	case operation == "put-hex" && len(args) == 2:
		var name, value []byte
		if name, err = hex.DecodeString(args[0]); err == nil {
			if value, err = base64.StdEncoding.DecodeString(args[1]); err == nil {
				err = dht.PutValue(ctx, string(name), value)
			}
		}
	case operation == "put-pk" && len(args) == 0:
		err = putPublicKey(ctx, node, dht, result)
	case operation == "get" && len(args) == 1:
		result["value"], err = dht.GetValue(ctx, args[0])
	case operation == "get-hex" && len(args) == 1:
		var name []byte
		if name, err = hex.DecodeString(args[0]); err == nil {
			result["value"], err = dht.GetValue(ctx, string(name))
		}
	case operation == "provide" && len(args) == 1:
		var key cid.Cid
		if key, err = cid.Decode(args[0]); err == nil {
			err = dht.Provide(ctx, key, true)
		}
	case operation == "find-providers" && len(args) == 1:
		var key cid.Cid
		if key, err = cid.Decode(args[0]); err == nil {
			var found []peer.AddrInfo
			found, err = dht.FindProviders(ctx, key)
			result["providers"], result["addresses"] = namesOf(found)
		}
	case operation == "find-peer" && len(args) == 1:
		var wanted peer.ID
		if wanted, err = peer.Decode(args[0]); err == nil {
			var found peer.AddrInfo
			found, err = dht.FindPeer(ctx, wanted)
			_, result["addresses"] = namesOf([]peer.AddrInfo{found})
		}
	default:
		err = errors.New(usage)
	}
	result["millis"] = float64(time.Since(began).Microseconds()) / 1000
	if err != nil {
		result["ok"], result["message"] = false, err.Error()
		say(result)
		os.Exit(1)
	}
	say(result)
	return nil
}

// The record of one's own public key, /pk/<peer id as bytes>: an RSA key's, because smaller ones stand in the id itself.
func putPublicKey(ctx context.Context, node host.Host, dht *kad.IpfsDHT, result map[string]any) error {
	private, err := key("rsa")
	if err != nil {
		return err
	}
	owner, err := peer.IDFromPrivateKey(private)
	if err != nil {
		return err
	}
	public, err := crypto.MarshalPublicKey(private.GetPublic())
	if err != nil {
		return err
	}
	name := "/pk/" + string(owner)
	result["key"], result["value"] = hex.EncodeToString([]byte(name)), public
	return dht.PutValue(ctx, name, public)
}

func namesOf(found []peer.AddrInfo) (peers, addresses []string) {
	peers, addresses = []string{}, []string{}
	for _, each := range found {
		peers = append(peers, each.ID.String())
		for _, address := range each.Addrs {
			addresses = append(addresses, address.String())
		}
	}
	return peers, addresses
}
