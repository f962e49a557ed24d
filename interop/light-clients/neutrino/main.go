// Fetches the headers and filter headers of a regtest chain with neutrino: a client to compare with.
// Arguments: HOST:PORT, a folder that it finds again, the height of the last header. Prints the height that it began with and the one that
// it came to, and ends; who starts it counts its CPU.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	_ "github.com/btcsuite/btcwallet/walletdb/bdb"
	"github.com/lightninglabs/neutrino"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	peer, folder := os.Args[1], os.Args[2]
	height, err := strconv.Atoi(os.Args[3])
	check(err)
	file := filepath.Join(folder, "neutrino.db")
	db, err := walletdb.Open("bdb", file, true, time.Minute, false)
	if err != nil {
		db, err = walletdb.Create("bdb", file, true, time.Minute, false)
	}
	check(err)
	service, err := neutrino.NewChainService(neutrino.Config{
		DataDir:      folder,
		Database:     db,
		ChainParams:  chaincfg.RegressionNetParams,
		ConnectPeers: []string{peer},
	})
	check(err)
	before, err := service.BestBlock()
	check(err)
	check(service.Start(context.Background()))
	for {
		best, err := service.BestBlock()
		check(err)
		if int(best.Height) >= height {
			fmt.Println(before.Height, best.Height)
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	check(service.Stop())
	check(db.Close())
}
