package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.psbt.PsbtException;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.event.RequestView;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.RequestApi;
import org.tutti.node.api.RequestEnded;
import org.tutti.node.api.RequestInfo;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.api.Requests;
import org.tutti.node.api.SessionEvents;
import org.tutti.node.api.SessionInfo;
import org.tutti.node.api.SessionWatch;
import org.tutti.node.api.Sessions;
import org.tutti.node.config.ContactNames;
import org.tutti.node.json.JsonRecords;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.WalletException;
import org.tutti.wallet.policy.RefusedException;
import org.tutti.wallet.request.RequestDrafts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// What a running node answers about requests: reads texts and numbers into the coordinator's
/// types, and writes these as texts and numbers.
///
/// Threads: any number at once; no state of its own.
final class RequestService implements RequestApi {
    /// Most requests listed.
    private static final int MAX_LISTED = 200;

    private static final Pattern PREFIX = Pattern.compile("[0-9a-f]{8,64}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /// What the others are told where a person gives no reason.
    private static final String NO_REASON = "no reason given";

    private static final int MAX_REASON = 200;

    private final Coordinator coordinator;
    private final Network network;
    private final ContactNames names;
    private final RequestSessions sessions;
    private final RequestEventLog log;
    private final Supplier<Instant> acceptClock;
    private final GroupsService groups;
    private final SignerService signers;

    /// @param acceptClock the wall clock is right; gives the time
    RequestService(
            Coordinator coordinator,
            Network network,
            ContactNames names,
            RequestSessions sessions,
            RequestEventLog log,
            Supplier<Instant> acceptClock,
            GroupsService groups,
            SignerService signers) {
        this.groups = groups;
        this.signers = signers;
        this.coordinator = coordinator;
        this.network = network;
        this.names = names;
        this.sessions = sessions;
        this.log = log;
        this.acceptClock = acceptClock;
    }

    /// The operator says that the wall clock is right.
    Instant acceptClock() {
        return acceptClock.get();
    }

    /// What is answered about groups.
    GroupsService groups() {
        return groups;
    }

    /// What is answered about signers.
    SignerService signers() {
        return signers;
    }

    /// What a requester says beside keys and what is signed.
    ///
    /// @param amountSat what the transaction takes if absent
    private record Terms(
            Optional<Long> amountSat,
            String type,
            String description,
            String purpose,
            ElectionMethod election,
            int birthday,
            Duration lifetime) {
        InvitationDraft.Description description(long amount) {
            return new InvitationDraft.Description(amount, type, description, purpose);
        }
    }

    @Override
    public RequestInfo createRequest(RequestOrder order) throws ApiException {
        InvitationDraft draft = draft(order);
        Invitation made = call(() -> coordinator.announce(draft));
        return request(made.id().toString());
    }

    private InvitationDraft draft(RequestOrder order) throws ApiException {
        List<PublicKey> keys = keys(order.keys());
        long seconds = order.expirySeconds().orElse(RequestOrder.DEFAULT_EXPIRY_SECONDS);
        if (seconds < 1 || seconds > RequestOrder.MAX_EXPIRY_SECONDS) {
            throw bad(
                    "expirySeconds: 1 to " + RequestOrder.MAX_EXPIRY_SECONDS + ", not " + seconds);
        }
        long birthday = order.birthday().orElse(0L);
        if (birthday < 0 || birthday > Integer.MAX_VALUE) {
            throw bad("birthday: a height, not " + birthday);
        }
        Terms terms =
                new Terms(
                        order.amountSat(),
                        order.type().orElse(RequestOrder.DEFAULT_TYPE),
                        order.description().orElse(""),
                        order.purpose().orElse(""),
                        election(order),
                        (int) birthday,
                        Duration.ofSeconds(seconds));
        if (order.psbt().isPresent() == order.hashes().isPresent()) {
            throw bad("psbt or hashes: one of the two");
        }
        if (order.psbt().isPresent()) {
            if (order.asGiven().orElse(false) || order.keyPath().isPresent()) {
                throw bad("asGiven, keyPath: for hashes alone");
            }
            return ofPsbt(keys, order.psbt().get(), terms);
        }
        return raw(order, keys, terms);
    }

    private InvitationDraft ofPsbt(List<PublicKey> keys, String text, Terms terms)
            throws ApiException {
        try {
            Psbt psbt = Psbt.parseBase64(text);
            long amount = terms.amountSat().orElse(taken(keys, psbt));
            return RequestDrafts.ofPsbt(
                    psbt.serialize(),
                    keys,
                    terms.description(amount),
                    terms.election(),
                    terms.birthday(),
                    terms.lifetime());
        } catch (PsbtException e) {
            throw new ApiException("BAD_PSBT", "psbt: " + e.getMessage());
        } catch (RefusedException e) {
            throw new ApiException(e.code().name(), e.reason());
        } catch (WalletException e) {
            throw bad("keys: " + e.getMessage());
        }
    }

    /// What the transaction takes from coins at the keys' address.
    private long taken(List<PublicKey> keys, Psbt psbt) throws PsbtException, WalletException {
        GroupWallet wallet = GroupWallet.of(keys, network);
        return Math.max(
                0,
                sum(psbt.prevouts(), wallet) - sum(psbt.unsignedTransaction().outputs(), wallet));
    }

    private static long sum(List<TxOut> outputs, GroupWallet wallet) {
        return outputs.stream()
                .filter(output -> wallet.owns(output.scriptPubKey()))
                .mapToLong(output -> output.value().value())
                .sum();
    }

    private static InvitationDraft raw(RequestOrder order, List<PublicKey> keys, Terms terms)
            throws ApiException {
        boolean keyPath = order.keyPath().orElse(false);
        boolean asGiven = order.asGiven().orElse(false);
        if (keyPath && asGiven) {
            throw bad("asGiven: not with keyPath, because what has an address has sorted keys");
        }
        List<RequestedMessage> messages = new ArrayList<>();
        for (String hash : order.hashes().orElseThrow()) {
            if (!HASH.matcher(hash).matches()) {
                throw bad("hashes: 64 hex digits each, not " + hash);
            }
            Bytes bytes = Bytes.fromHex(hash);
            messages.add(
                    keyPath ? RequestedMessage.keyPath(bytes) : RequestedMessage.untweaked(bytes));
        }
        return new InvitationDraft(
                keys,
                asGiven ? KeyOrder.AS_GIVEN : KeyOrder.SORTED,
                messages,
                Bytes.EMPTY,
                terms.description(terms.amountSat().orElse(0L)),
                terms.election(),
                terms.birthday(),
                terms.lifetime());
    }

    private List<PublicKey> keys(List<String> texts) throws ApiException {
        List<PublicKey> keys = new ArrayList<>();
        for (String text : texts) {
            try {
                keys.add(names.key(text));
            } catch (IllegalArgumentException e) {
                throw bad("keys: " + e.getMessage());
            }
        }
        if (!keys.contains(coordinator.key())) {
            throw bad(
                    "keys: this node's own, "
                            + RequestReports.text(coordinator.key())
                            + ", is not among them");
        }
        return keys;
    }

    private static ElectionMethod election(RequestOrder order) throws ApiException {
        String text = order.election().orElse(JsonRecords.name(ElectionMethod.HASH));
        return Arrays.stream(ElectionMethod.values())
                .filter(method -> JsonRecords.name(method).equals(text))
                .findFirst()
                .orElseThrow(
                        () -> bad("election: lexicographic, hash, first or last, not " + text));
    }

    @Override
    public Requests requests() throws ApiException {
        return new Requests(
                views().stream().limit(MAX_LISTED).map(view -> info(view, false)).toList());
    }

    @Override
    public RequestInfo request(String id) throws ApiException {
        return info(find(id), true);
    }

    @Override
    public RequestInfo joinRequest(String id) throws ApiException {
        RequestView view = find(id);
        RequestId request = view.request().id();
        call(() -> {
            coordinator.join(request);
            return request;
        });
        // It may be over already.
        return views().stream()
                .filter(now -> now.request().id().equals(request))
                .findFirst()
                .map(now -> info(now, true))
                .orElseGet(() -> info(view, true));
    }

    @Override
    public RequestEnded refuseRequest(String id, String reason) throws ApiException {
        RequestId request = find(id).request().id();
        String text = reason(reason);
        call(() -> {
            coordinator.refuse(request, "REFUSED_BY_OPERATOR", text);
            return request;
        });
        return new RequestEnded(request.toString());
    }

    @Override
    public RequestEnded withdrawRequest(String id, String reason) throws ApiException {
        RequestId request = find(id).request().id();
        String text = reason(reason);
        call(() -> {
            coordinator.withdraw(request, text);
            return request;
        });
        return new RequestEnded(request.toString());
    }

    @Override
    public RequestEnded releaseRequest(String id) throws ApiException {
        RequestId request = find(id).request().id();
        call(() -> {
            coordinator.release(request);
            return request;
        });
        return new RequestEnded(request.toString());
    }

    @Override
    public RequestInfo startRound(String id, int round) throws ApiException {
        if (round != 1 && round != 2) {
            throw bad("round: 1 or 2, not " + round);
        }
        RequestView view = find(id);
        RequestId request = view.request().id();
        call(() -> {
            if (round == 1) {
                coordinator.startRound1(request);
            } else {
                coordinator.startRound2(request);
            }
            return request;
        });
        return info(view, true);
    }

    private static String reason(String text) throws ApiException {
        if (text.length() > MAX_REASON) {
            throw bad("reason: at most " + MAX_REASON + " characters");
        }
        return text.isBlank() ? NO_REASON : text;
    }

    @Override
    public Sessions sessions() throws ApiException {
        List<RequestView> views = views();
        return new Sessions(sessions.all().stream().map(entry -> info(entry, views)).toList());
    }

    @Override
    public SessionInfo session(String id) throws ApiException {
        List<RequestSessions.Entry> found =
                sessions.all().stream()
                        .filter(entry ->
                                begins(entry.session().toString(), id)
                                        || begins(entry.request().toString(), id))
                        .toList();
        if (found.isEmpty()) {
            throw new ApiException("NO_SUCH_SESSION", "no session " + id + " is known here");
        }
        if (found.stream().map(RequestSessions.Entry::request).distinct().count() > 1) {
            throw ambiguous(id, found.size());
        }
        return info(found.getFirst(), views());
    }

    @Override
    public SessionEvents sessionEvents(SessionWatch watch) throws ApiException {
        if (watch.waitMillis() < 0 || watch.waitMillis() > SessionWatch.MAX_WAIT_MILLIS) {
            throw bad(
                    "waitMillis: 0 to "
                            + SessionWatch.MAX_WAIT_MILLIS
                            + ", not "
                            + watch.waitMillis());
        }
        Optional<String> request =
                watch.id().isPresent()
                        ? Optional.of(requestOf(watch.id().get()))
                        : Optional.empty();
        try {
            return log.after(watch.after(), request, Duration.ofMillis(watch.waitMillis()));
        } catch (InterruptedException e) {
            throw stopped(e);
        }
    }

    /// The request that an id means: its own, or a session's.
    private String requestOf(String id) throws ApiException {
        Optional<String> whole =
                HASH.matcher(id).matches() && !isSession(id) ? Optional.of(id) : Optional.empty();
        return whole.isPresent()
                ? whole.get()
                : sessions.all().stream()
                        .filter(entry -> begins(entry.session().toString(), id))
                        .map(entry -> entry.request().toString())
                        .findFirst()
                        .orElse(find(id).request().id().toString());
    }

    private boolean isSession(String id) {
        return sessions.all().stream().anyMatch(entry -> entry.session().toString().equals(id));
    }

    private RequestView find(String id) throws ApiException {
        List<RequestView> found =
                views().stream()
                        .filter(view -> begins(view.request().id().toString(), id))
                        .toList();
        if (found.isEmpty()) {
            throw new ApiException(
                    "NO_SUCH_REQUEST", "no request " + id + " is known here, or it is over");
        }
        if (found.size() > 1) {
            throw ambiguous(id, found.size());
        }
        return found.getFirst();
    }

    private static ApiException ambiguous(String id, int count) {
        return new ApiException("AMBIGUOUS", count + " begin with " + id + ": write more of it");
    }

    private static boolean begins(String whole, String id) {
        return PREFIX.matcher(id).matches() && whole.startsWith(id);
    }

    private List<RequestView> views() throws ApiException {
        try {
            return coordinator.requests().stream()
                    .sorted(
                            Comparator.comparing(
                                            (RequestView view) -> view.request().header().made())
                                    .reversed())
                    .toList();
        } catch (InterruptedException | IllegalStateException e) {
            throw stopped(e);
        }
    }

    private RequestInfo info(RequestView view, boolean withAddress) {
        Invitation request = view.request();
        return new RequestInfo(
                request.id().toString(),
                view.own(),
                view.phase(),
                RequestReports.text(request.requester()),
                RequestReports.time(request.header().made()),
                RequestReports.time(request.header().notAfter()),
                request.type(),
                request.amount(),
                request.description(),
                request.purpose(),
                request.election(),
                RequestReports.text(request.election().elect(request.id(), request.keys())),
                request.birthday(),
                request.messages().size(),
                request.psbt().isPresent(),
                withAddress && request.keyOrder() == KeyOrder.SORTED
                        ? address(request.keys())
                        : Optional.empty(),
                view.summary(),
                view.signers().stream().map(this::signer).toList(),
                view.signatures().stream().map(s -> s.bytes().toHex()).toList());
    }

    private Optional<String> address(List<PublicKey> keys) {
        try {
            return Optional.of(GroupWallet.of(keys, network).address().text());
        } catch (WalletException e) {
            return Optional.empty();
        }
    }

    private RequestInfo.Signer signer(RequestView.SignerView view) {
        String key = RequestReports.text(view.key());
        return new RequestInfo.Signer(
                key,
                names.name(key),
                view.self(),
                view.connected(),
                view.state(),
                RequestReports.time(view.since()),
                view.heard().map(RequestReports::time));
    }

    private SessionInfo info(RequestSessions.Entry entry, List<RequestView> views) {
        return new SessionInfo(
                entry.session().toString(),
                entry.request().toString(),
                entry.own(),
                entry.phase(),
                RequestReports.time(entry.since()),
                entry.reason(),
                RequestReports.texts(entry.late()),
                views.stream()
                        .filter(view -> view.request().id().equals(entry.request()))
                        .flatMap(view -> view.signers().stream())
                        .map(this::signer)
                        .toList());
    }

    /// Something that the coordinator is asked for.
    @FunctionalInterface
    private interface Asked<T> {
        T ask() throws CoordinatorException, InterruptedException;
    }

    private static <T> T call(Asked<T> asked) throws ApiException {
        try {
            return asked.ask();
        } catch (CoordinatorException e) {
            throw new ApiException(e.code().name(), String.valueOf(e.getMessage()));
        } catch (InterruptedException | IllegalStateException e) {
            throw stopped(e);
        }
    }

    private static ApiException stopped(Exception e) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return new ApiException("STOPPING", "this node stops");
    }

    private static ApiException bad(String reason) {
        return new ApiException("BAD_REQUEST", reason);
    }
}
