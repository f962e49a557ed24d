package org.tutti.lightclient.sync;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.internal.peers.PeerOutput;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Which block of the chain of most work we have reached, and how we go on: part of [SyncEngine],
/// owned by it.
///
/// It is at one header, [#activeTip]: the last block that was checked and told (below the birthday
/// the last header). The goals are the chains that connected peers say they have, those of more
/// work than ours, the one of most work first. Blocks are asked for along the branch to each of
/// them, and we move along the first whose blocks are here. Where that is a fork of ours, its
/// blocks are first fetched until they have more work than our own chain; only then do we leave it.
/// So a peer that announces more than it delivers holds up nothing: headers are cheap where work is
/// cheap, and the chains of the others are followed meanwhile (Bitcoin Core likewise activates the
/// best chain of which it *has* the blocks, `FindMostWorkChain`).
final class BlockSync {
    /// Most blocks asked for or waiting for their turn while we extend our chain.
    static final int WINDOW = 16;

    /// Most blocks of a fork that are held before we leave our chain for it. A deeper fork is
    /// followed once so many of its blocks are checked, although they alone may not have more work;
    /// that is for the fork of most work alone.
    static final int MAX_BRANCH_BLOCKS = 144;

    /// No further blocks are asked for while so many bytes wait for their turn or are on their way.
    /// A fork of more is followed like one of too many blocks.
    static final long MAX_BUFFERED = 8L << 20;

    private final HeaderChain chain;
    private final BlockFetcher blocks;
    private final Birthday earliest;
    private final Consumer<ChainEvent> events;
    private HeaderEntry activeTip;

    /// Height of the first block that is wanted, in the best chain.
    private int birthday = Integer.MAX_VALUE;

    /// That block, once the best chain has it.
    private Optional<HeaderEntry> first = Optional.empty();

    /// How many blocks up to the active tip were told.
    private int told;

    BlockSync(
            HeaderChain chain,
            BlockFetcher blocks,
            Birthday birthday,
            Consumer<ChainEvent> events) {
        this.chain = chain;
        this.blocks = blocks;
        this.earliest = birthday;
        this.events = events;
        findBirthday();
        this.activeTip = lastBelowBirthday();
        chain.pin(activeTip);
    }

    private void findBirthday() {
        if (!first.map(chain::isOnBestChain).orElse(false)) {
            birthday = earliest.in(chain);
            first =
                    birthday <= chain.tip().height()
                            ? Optional.of(chain.at(Math.max(birthday, chain.startHeight())))
                            : Optional.empty();
        }
    }

    private HeaderEntry lastBelowBirthday() {
        return chain.at(Math.clamp(birthday - 1, chain.startHeight(), chain.tip().height()));
    }

    HeaderEntry activeTip() {
        return activeTip;
    }

    /// The branch to one goal.
    ///
    /// @param isFirst whether no other goal has more work
    /// @param fork where it leaves our chain
    /// @param wanted the next of its headers whose blocks are needed
    private record Branch(
            boolean isFirst, HeaderEntry fork, HeaderEntry goal, List<HeaderEntry> wanted) {}

    /// Moves as far as checked blocks allow, and asks for the next ones.
    List<PeerOutput> advance(Collection<Peer> peers, Instant now) {
        if (!chain.contains(activeTip)) {
            // The chain had too little work, and led nowhere: no block of it was asked for.
            activeTip = lastBelowBirthday();
            told = 0;
            chain.pin(activeTip);
        }
        if (!chain.hasEnoughWork()) {
            return List.of(); // Whoever shows it may have made this chain alone.
        }
        findBirthday();
        HeaderEntry before = activeTip;
        skipBelowBirthday();
        List<Branch> branches = branches(peers);
        retain(branches);
        while (branches.stream().anyMatch(this::move)) {
            branches = branches(peers);
        }
        if (!activeTip.equals(before)) {
            chain.pin(activeTip);
            events.accept(new ChainEvent.Tip(activeTip));
        }
        blocks.forgetLastRead();
        List<PeerOutput> outputs = new ArrayList<>();
        for (Branch branch : branches) {
            outputs.addAll(blocks.request(branch.goal(), branch.wanted(), peers, chain, now));
        }
        outputs.addAll(requestUnverified(peers, now));
        return outputs;
    }

    /// On a signet the last blocks of a chain are verified wherever the birthday is: those of every
    /// chain that a peer has, because anybody can make headers of more work.
    private List<PeerOutput> requestUnverified(Collection<Peer> peers, Instant now) {
        if (chain.network().signetChallenge().isEmpty()) {
            return List.of();
        }
        List<PeerOutput> outputs = new ArrayList<>();
        for (HeaderEntry goal : goals(peers, chain.tip())) {
            List<HeaderEntry> unverified = chain.unverified(goal, WINDOW);
            outputs.addAll(blocks.request(goal, unverified, peers, chain, now));
        }
        return outputs;
    }

    /// The ends of the peers' chains that outweigh a header, that of most work first.
    private Set<HeaderEntry> goals(Collection<Peer> peers, HeaderEntry header) {
        Set<HeaderEntry> goals = new LinkedHashSet<>();
        peers.stream()
                .flatMap(peer -> peer.best(chain).stream())
                .filter(entry -> entry.chainWork().compareTo(header.chainWork()) > 0)
                .sorted((a, b) -> b.chainWork().compareTo(a.chainWork()))
                .forEach(goals::add);
        return goals;
    }

    /// Whether a block is one that [#advance] waits for, not one to be verified alone.
    boolean isWanted(HeaderEntry entry) {
        return entry.height() >= birthday && entry.height() > 0;
    }

    private void skipBelowBirthday() {
        if (chain.isOnBestChain(activeTip) && activeTip.height() < birthday - 1) {
            activeTip = chain.at(Math.min(birthday - 1, chain.tip().height()));
        }
    }

    /// Drops the blocks that no branch needs: the goals have changed.
    private void retain(List<Branch> branches) {
        Set<HeaderEntry> wanted = new HashSet<>();
        branches.forEach(branch -> wanted.addAll(branch.wanted()));
        blocks.retain(wanted);
    }

    private List<Branch> branches(Collection<Peer> peers) {
        List<Branch> branches = new ArrayList<>();
        for (HeaderEntry goal : goals(peers, activeTip)) {
            HeaderEntry fork = chain.common(activeTip, goal);
            Branch branch = new Branch(branches.isEmpty(), fork, goal, wanted(fork, goal));
            // The blocks of a lesser fork that is too deep would never be enough to go there.
            if (branch.isFirst() || isAhead(branch) || isEnoughToLeave(branch)) {
                branches.add(branch);
            }
        }
        return branches;
    }

    private boolean outweighsOurs(HeaderEntry entry) {
        return entry.chainWork().compareTo(activeTip.chainWork()) > 0;
    }

    private boolean isAhead(Branch branch) {
        return branch.fork().equals(activeTip);
    }

    private boolean isEnoughToLeave(Branch branch) {
        return branch.wanted().isEmpty() || outweighsOurs(branch.wanted().getLast());
    }

    private List<HeaderEntry> wanted(HeaderEntry fork, HeaderEntry goal) {
        boolean leaving = !fork.equals(activeTip);
        int from = Math.max(birthday, fork.height() + 1);
        List<HeaderEntry> wanted = new ArrayList<>();
        for (HeaderEntry entry : chain.ascent(goal, from, leaving ? MAX_BRANCH_BLOCKS : WINDOW)) {
            wanted.add(entry);
            if (leaving && outweighsOurs(entry)) {
                break;
            }
        }
        return wanted;
    }

    /// Moves along the branch as far as its blocks are here.
    ///
    /// @return whether we moved
    private boolean move(Branch branch) {
        HeaderEntry before = activeTip;
        if (isAhead(branch)) {
            connectReady(branch.wanted());
        } else {
            leaveFor(branch);
        }
        return !activeTip.equals(before);
    }

    private void connectReady(List<HeaderEntry> wanted) {
        for (HeaderEntry entry : wanted) {
            if (!blocks.has(entry)) {
                return;
            }
            Block block = blocks.take(entry);
            List<Txid> txids = block.txids();
            activeTip = entry;
            told++;
            events.accept(new ChainEvent.Connected(entry, block, txids));
        }
    }

    /// Leaves our chain, if all the blocks that outweigh ours are here, or as many as may be held
    /// of the fork of most work.
    private void leaveFor(Branch branch) {
        boolean enough =
                branch.wanted().stream().allMatch(blocks::has)
                        && (isEnoughToLeave(branch) || branch.wanted().size() == MAX_BRANCH_BLOCKS);
        boolean full =
                branch.isFirst()
                        && blocks.heldBytes() >= MAX_BUFFERED
                        && blocks.has(branch.wanted().getFirst());
        if (!enough && !full) {
            return;
        }
        while (!activeTip.equals(branch.fork())) {
            if (told > 0) {
                told--;
                events.accept(new ChainEvent.Disconnected(activeTip));
            }
            activeTip = chain.parent(activeTip);
        }
        skipBelowBirthday();
        connectReady(branch.wanted());
    }
}
