package main

import (
	"context"
	"io"
	"os"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
)

type near struct{}

func (near) HandlePeerFound(found peer.AddrInfo) {
	addresses := []string{}
	for _, a := range found.Addrs {
		addresses = append(addresses, a.String())
	}
	say(map[string]any{"event": "discovered", "peerId": found.ID.String(), "addresses": addresses})
}

// Finds peers by mDNS and is found, until standard input ends.
func look(_ context.Context, kind string) error {
	node, err := start(kind, libp2p.ListenAddrStrings("/ip4/0.0.0.0/tcp/0"))
	if err != nil {
		return err
	}
	defer node.Close()
	if err := sayListening(node); err != nil {
		return err
	}
	service := mdns.NewMdnsService(node, "", near{})
	if err := service.Start(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	if closing := service.Close(); err == nil {
		err = closing
	}
	return err
}
