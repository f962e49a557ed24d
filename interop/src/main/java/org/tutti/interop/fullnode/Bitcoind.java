package org.tutti.interop.fullnode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Bitcoin Core, and its bitcoin-cli, which lies beside it.
final class Bitcoind extends FullNode {
    /// Enough tries for a block of a signet's least difficulty.
    private static final String TRIES = "1000000000";

    /// Nobody's, on regtest.
    private static final String OTHER_ADDRESS = "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202";

    private final Path program;
    private final List<String> chain;
    private String address = "";

    private Bitcoind(Path program, List<String> chain) throws IOException {
        this.program = program;
        this.chain = chain;
    }

    static Bitcoind regtest(Path program) throws IOException {
        return new Bitcoind(program, List.of("-regtest"));
    }

    /// @param challenge hex of its script
    static Bitcoind signet(Path program, String challenge) throws IOException {
        return new Bitcoind(program, List.of("-signet", "-signetchallenge=" + challenge));
    }

    @Override
    String name() {
        return "bitcoind";
    }

    @Override
    boolean keepsChain() {
        return true;
    }

    @Override
    boolean saysWhy() {
        return false;
    }

    @Override
    List<String> startCommand(String miningAddress) {
        address = miningAddress;
        return with(
                program,
                "-server",
                "-printtoconsole=0",
                "-bind=127.0.0.1:" + p2pPort(),
                "-listenonion=0",
                "-discover=0",
                "-dnsseed=0",
                "-fixedseeds=0",
                "-natpmp=0",
                "-dbcache=50");
    }

    @Override
    List<String> controlCommand() {
        return with(program.resolveSibling("bitcoin-cli"));
    }

    private List<String> with(Path file, String... options) {
        List<String> command = new ArrayList<>();
        command.add(file.toString());
        command.addAll(chain);
        command.add("-datadir=" + folder());
        command.add("-rpcport=" + rpcPort());
        command.addAll(List.of(options));
        return command;
    }

    @Override
    void generate(int blocks) throws IOException, InterruptedException {
        ctl("generatetoaddress", Integer.toString(blocks), address, TRIES);
    }

    /// The same reward in the same second would be the same block, which is invalid now.
    @Override
    void leaveFrom(int height) throws IOException, InterruptedException {
        super.leaveFrom(height);
        address = OTHER_ADDRESS;
    }

    @Override
    void disconnectFrom(FullNode other) throws IOException, InterruptedException {
        String peer = "127.0.0.1:" + other.p2pPort();
        ctl("addnode", peer, "remove");
        ctl("disconnectnode", peer);
    }
}
