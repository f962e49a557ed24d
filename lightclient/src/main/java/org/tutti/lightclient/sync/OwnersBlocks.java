package org.tutti.lightclient.sync;

import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.internal.peers.PeerOutput;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Blocks of the best chain that our owner asked for one by one, wherever the birthday is: part of
/// [SyncEngine], owned by it. They are asked for after those that the chain needs, and checked as
/// all are.
final class OwnersBlocks {
    /// Most that are asked for at a time: each may have four megabytes.
    static final int MAX = 4;

    /// How long one may take, by whomever it is delivered.
    static final Duration DEADLINE = Duration.ofMinutes(2);

    private record Wanted(long number, HeaderEntry entry, Instant until) {}

    private final HeaderChain chain;
    private final BlockFetcher blocks;
    private final List<Wanted> wanted = new ArrayList<>();

    OwnersBlocks(HeaderChain chain, BlockFetcher blocks) {
        this.chain = chain;
        this.blocks = blocks;
    }

    /// Takes a question.
    ///
    /// @return the answer, if there is one at once
    Optional<SyncOutput.Fetched> fetch(SyncInput.Fetch fetch, Instant now) {
        // Nothing is asked for of a chain that somebody may have made alone.
        boolean isThere =
                chain.hasEnoughWork()
                        && fetch.height() > chain.startHeight()
                        && fetch.height() <= chain.tip().height();
        if (!isThere || wanted.size() >= MAX) {
            return Optional.of(new SyncOutput.Fetched(fetch.number(), Optional.empty()));
        }
        wanted.add(new Wanted(fetch.number(), chain.at(fetch.height()), now.plus(DEADLINE)));
        return Optional.empty();
    }

    /// A checked block came.
    List<SyncOutput.Fetched> arrived(BlockHash hash, SerializedBlock block) {
        return answer(one -> one.entry().hash().equals(hash), Optional.of(block));
    }

    /// Those that the best chain no longer has, or that nobody delivered in time.
    List<SyncOutput.Fetched> givenUp(Instant now) {
        return answer(
                one -> !chain.isOnBestChain(one.entry()) || !now.isBefore(one.until()),
                Optional.empty());
    }

    private List<SyncOutput.Fetched> answer(
            Predicate<Wanted> which, Optional<SerializedBlock> block) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        List<SyncOutput.Fetched> answers =
                wanted.stream()
                        .filter(which)
                        .map(one -> new SyncOutput.Fetched(one.number(), block))
                        .toList();
        wanted.removeIf(which);
        return answers;
    }

    /// Asks for those that are not on their way.
    List<PeerOutput> request(Collection<Peer> peers, Instant now) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        List<HeaderEntry> entries =
                wanted.stream()
                        .map(Wanted::entry)
                        .distinct()
                        .sorted(Comparator.comparingInt(HeaderEntry::height))
                        .toList();
        return blocks.request(chain.tip(), entries, peers, chain, now);
    }
}
