package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
	dssync "github.com/ipfs/go-datastore/sync"
	"github.com/libp2p/go-libp2p"
	kad "github.com/libp2p/go-libp2p-kad-dht"
	record "github.com/libp2p/go-libp2p-record"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	warmUp     = 10
	starts     = 20
	valueBytes = 100
)

type benchNode struct {
	host   host.Host
	dht    *kad.IpfsDHT
	values datastore.Batching
}

// Forgets what this node stores, so that a value has to come from others.
func (n *benchNode) forget(ctx context.Context) error {
	found, err := n.values.Query(ctx, query.Query{KeysOnly: true})
	if err != nil {
		return err
	}
	entries, err := found.Rest()
	for _, each := range entries {
		if err == nil {
			err = n.values.Delete(ctx, datastore.NewKey(each.Key))
		}
	}
	return err
}

func millis(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func median(all []float64) float64 {
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// Servers in one process, each connected to each; every put goes to all of them, and every get asks all of them.
func benchKad(ctx context.Context, count, rounds int) error {
	var nodes []*benchNode
	for range count {
		node, err := start("ed25519", libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
		if err != nil {
			return err
		}
		defer node.Close()
		values := dssync.MutexWrap(datastore.NewMapDatastore())
		dht, err := kad.New(node, kad.ProtocolPrefix("/tutti"), kad.Mode(kad.ModeServer), kad.BucketSize(20), kad.ValueDatastore(values),
			kad.Validator(record.NamespacedValidator{"test": largest{}}))
		if err != nil {
			return err
		}
		defer dht.Close()
		for _, other := range nodes {
			if err := node.Connect(ctx, *host.InfoFromHost(other.host)); err != nil {
				return err
			}
		}
		nodes = append(nodes, &benchNode{node, dht, values})
	}
	for _, each := range nodes {
		for each.dht.RoutingTable().Size() < count-1 {
			time.Sleep(time.Millisecond)
		}
	}
	var puts, gets []float64
	var name string
	for round := range warmUp + rounds {
		writer, reader := nodes[round%count], nodes[(round*7+3)%count]
		if writer == reader {
			reader = nodes[(round+1)%count]
		}
		name = fmt.Sprintf("/test/%016x", round)
		value := make([]byte, valueBytes)
		value[0] = byte(round)
		began := time.Now()
		if err := writer.dht.PutValue(ctx, name, value); err != nil {
			return err
		}
		put := time.Since(began)
		if err := reader.forget(ctx); err != nil {
			return err
		}
		began = time.Now()
		if _, err := reader.dht.GetValue(ctx, name); err != nil {
			return err
		}
		if round >= warmUp {
			puts, gets = append(puts, millis(put)), append(gets, millis(time.Since(began)))
		}
	}
	addresses, err := peer.AddrInfoToP2pAddrs(host.InfoFromHost(nodes[0].host))
	if err != nil {
		return err
	}
	var firsts []float64
	for range starts {
		first, err := askChild("bench-kad-first", addresses[0].String(), name)
		if err != nil {
			return err
		}
		firsts = append(firsts, first)
	}
	say(map[string]any{
		"event": "bench-kad", "nodes": count, "rounds": rounds, "putMillis": median(puts), "getMillis": median(gets),
		"starts": starts, "firstLookupMillis": median(firsts),
	})
	return nil
}

// A fresh process of this program, which prints one line with millis.
func askChild(args ...string) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	output, err := exec.Command(self, args...).Output()
	if err != nil {
		return 0, fmt.Errorf("%v: %w: %s", args, err, output)
	}
	var line struct{ Millis float64 }
	err = json.Unmarshal(output, &line)
	return line.Millis, err
}

// From the end of identify with the one peer that is known to the value.
func benchKadFirst(ctx context.Context, address, name string) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	node, err := start("ed25519", libp2p.NoListenAddrs)
	if err != nil {
		return err
	}
	defer node.Close()
	dht, err := newDht(node, "/tutti"+kadSuffix, kad.ModeClient)
	if err != nil {
		return err
	}
	defer dht.Close()
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
	<-identified.Out()
	began := time.Now()
	// Events that nobody takes stop the host.
	if err := identified.Close(); err != nil {
		return err
	}
	for dht.RoutingTable().Size() == 0 {
		time.Sleep(100 * time.Microsecond)
	}
	if _, err := dht.GetValue(ctx, name); err != nil {
		return err
	}
	say(map[string]any{"millis": millis(time.Since(began))})
	return nil
}

func numbers(texts ...string) ([]int, error) {
	var all []int
	for _, text := range texts {
		number, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		all = append(all, number)
	}
	return all, nil
}
