package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.FoundSigner;
import org.tutti.coordinator.advert.SearchResult;
import org.tutti.coordinator.advert.SignerFilter;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.AmountRange;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.message.Vouch;
import org.tutti.coordinator.service.Coordinator;
import org.tutti.libp2p.kad.TopicResult;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.AdvertOrder;
import org.tutti.node.api.AdvertWithdrawn;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.SessionEvents;
import org.tutti.node.api.SessionWatch;
import org.tutti.node.api.SignerApi;
import org.tutti.node.api.SignerInfo;
import org.tutti.node.api.SignerQuery;
import org.tutti.node.api.Signers;
import org.tutti.node.api.VouchInfo;
import org.tutti.node.config.ContactNames;
import org.tutti.node.keystore.NodeKeys;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a running node answers about adverts.
///
/// Threads: any number at once; no state of its own.
final class SignerService implements SignerApi {
    private static final long MAX_VOUCH_SECONDS = 10L * 365 * 24 * 3_600;

    private final Coordinator coordinator;
    private final NodeKeys keys;
    private final ContactNames names;
    private final Optional<AdvertDraft> configured;
    private final RequestEventLog log;
    private final InstantSource clock;
    private final SecureRandom random;

    /// @param configured what `[requests.advertise]` says
    SignerService(
            Coordinator coordinator,
            NodeKeys keys,
            ContactNames names,
            Optional<AdvertDraft> configured,
            RequestEventLog log,
            InstantSource clock,
            SecureRandom random) {
        this.coordinator = coordinator;
        this.keys = keys;
        this.names = names;
        this.configured = configured;
        this.log = log;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public SignerInfo advertise(AdvertOrder order) throws ApiException {
        AdvertDraft draft =
                order.types().isPresent()
                        ? draft(order)
                        : configured.orElseThrow(() ->
                                new ApiException(
                                        "NO_ADVERT",
                                        "name types: the configuration has no"
                                                + " [requests.advertise]"));
        try {
            return info(coordinator.advertise(draft), Optional.empty(), false);
        } catch (CoordinatorException e) {
            throw new ApiException(e.code().name(), String.valueOf(e.getMessage()));
        }
    }

    private static AdvertDraft draft(AdvertOrder order) throws ApiException {
        try {
            AdvertTerms terms =
                    new AdvertTerms(
                            types(order.types().orElseThrow()),
                            order.customType().orElse(""),
                            range(order.minAmountSat(), order.maxAmountSat()),
                            order.purpose().orElse(""),
                            order.nickname().orElse(""),
                            order.description().orElse(""),
                            new AdvertTerms.Fee(
                                    order.feeSat().orElse(0L),
                                    Math.toIntExact(order.feePpm().orElse(0L))),
                            Duration.ofSeconds(order.responseSeconds().orElse(0L)),
                            new AdvertTerms.Demands(
                                    Math.toIntExact(order.minReputation().orElse(0L)),
                                    order.verifiedOnly().orElse(false)));
            List<Vouch> vouches = new ArrayList<>();
            for (String text : order.vouches().orElse(List.of())) {
                vouches.add(Vouch.parse(text));
            }
            Duration lifetime =
                    order.lifetimeSeconds()
                            .map(Duration::ofSeconds)
                            .orElse(AdvertDraft.DEFAULT_LIFETIME);
            return new AdvertDraft(terms, vouches, lifetime);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    private static AmountRange range(Optional<Long> min, Optional<Long> max) {
        return new AmountRange(min.orElse(0L), max.orElse(0L));
    }

    private static List<TransactionType> types(List<String> words) throws ApiException {
        List<TransactionType> types = new ArrayList<>();
        for (String word : words) {
            types.add(
                    TransactionType.ofWord(word)
                            .orElseThrow(() ->
                                    bad(
                                            "types: spend, swap, coinjoin, custody, escrow, channel"
                                                    + " or custom, not "
                                                    + word)));
        }
        return types.stream().sorted().distinct().toList();
    }

    @Override
    public AdvertWithdrawn withdrawAdvert() {
        boolean was = coordinator.withdrawAdvert();
        return new AdvertWithdrawn(RequestReports.text(coordinator.key()), was);
    }

    @Override
    public Signers findSigners(SignerQuery query) throws ApiException {
        if (query.waitMillis() < 0 || query.waitMillis() > SignerQuery.MAX_WAIT_MILLIS) {
            throw bad("waitMillis: 0 to " + SignerQuery.MAX_WAIT_MILLIS);
        }
        SignerFilter filter = filter(query);
        List<SignerInfo> found = new ArrayList<>();
        if (query.known().orElse(false)) {
            coordinator.knownSigners().stream()
                    .filter(filter::matches)
                    .limit(filter.maxResults())
                    .forEach(signer -> found.add(info(signer)));
            return new Signers(found, "complete", false);
        }
        try {
            SearchResult result =
                    coordinator.findSigners(
                            filter,
                            Duration.ofMillis(query.waitMillis()),
                            signer -> found.add(info(signer)));
            boolean hidden =
                    result.listings().values().stream()
                            .anyMatch(listed ->
                                    listed.end() != TopicResult.End.COMPLETE
                                            || listed.failures() > 0);
            return new Signers(found, result.end().name().toLowerCase(Locale.ROOT), hidden);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException("STOPPING", "the node stops");
        }
    }

    private static SignerFilter filter(SignerQuery query) throws ApiException {
        long results = query.maxResults().orElse(SignerQuery.DEFAULT_RESULTS);
        if (results < 1 || results > SignerQuery.MAX_RESULTS) {
            throw bad("maxResults: 1 to " + SignerQuery.MAX_RESULTS + ", not " + results);
        }
        try {
            return new SignerFilter(
                    Set.copyOf(types(query.types().orElse(List.of()))),
                    query.purpose().orElse(""),
                    range(query.minAmountSat(), query.maxAmountSat()),
                    Math.toIntExact(query.minReputation().orElse(0L)),
                    query.verifiedOnly().orElse(false),
                    (int) results);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public VouchInfo vouchFor(String key, long seconds) throws ApiException {
        if (seconds < 1 || seconds > MAX_VOUCH_SECONDS) {
            throw bad("seconds: 1 to " + MAX_VOUCH_SECONDS + ", not " + seconds);
        }
        try {
            PublicKey subject = names.key(key);
            Bytes network = keys.network();
            Vouch vouch =
                    Vouch.make(
                            keys.signing(),
                            network,
                            subject,
                            clock.instant().plusSeconds(seconds),
                            random);
            return new VouchInfo(RequestReports.text(subject), vouch.text());
        } catch (IllegalArgumentException e) {
            throw bad("key: " + e.getMessage());
        }
    }

    @Override
    public SessionEvents signerEvents(SessionWatch watch) throws ApiException {
        if (watch.waitMillis() < 0 || watch.waitMillis() > SessionWatch.MAX_WAIT_MILLIS) {
            throw bad("waitMillis: 0 to " + SessionWatch.MAX_WAIT_MILLIS);
        }
        try {
            return log.after(watch.after(), watch.id(), Duration.ofMillis(watch.waitMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException("STOPPING", "the node stops");
        }
    }

    private SignerInfo info(FoundSigner signer) {
        return info(signer.advert(), Optional.of(signer.via().word()), signer.verified());
    }

    private SignerInfo info(Advert advert, Optional<String> via, boolean verified) {
        String key = RequestReports.text(advert.header().key());
        AdvertTerms terms = advert.terms();
        return new SignerInfo(
                key,
                names.name(key),
                advert.header().author().toString(),
                SignerReports.types(advert),
                Optional.of(terms.customType()).filter(text -> !text.isEmpty()),
                terms.amounts().min(),
                terms.amounts().max(),
                terms.purpose(),
                terms.nickname(),
                terms.description(),
                terms.fee().base(),
                terms.fee().perMillion(),
                terms.responseTime().toSeconds(),
                terms.demands().minReputation(),
                terms.demands().verifiedOnly(),
                verified,
                via,
                RequestReports.time(advert.header().made()),
                RequestReports.time(advert.header().notAfter()));
    }

    private static ApiException bad(String reason) {
        return new ApiException("BAD_REQUEST", reason);
    }
}
