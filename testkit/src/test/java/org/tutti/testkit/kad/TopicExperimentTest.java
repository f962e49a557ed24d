package org.tutti.testkit.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.libp2p.kad.ListLimits;
import org.tutti.libp2p.kad.TopicResult;
import org.tutti.testkit.kad.TopicExperiment.Listed;

class TopicExperimentTest {
    private static ListLimits whole(int authors) {
        return new ListLimits(authors + 1, 4 * authors + 64, 4 * authors);
    }

    @Test
    void honestEntriesAreFoundBesideFourTimesAsManyOfAnAttacker() {
        TopicExperiment topic = new TopicExperiment(1, 40);
        topic.publishHonest(20);
        topic.publishSybils(160);
        topic.publishHonest(20);
        Listed listed = topic.list(whole(200));
        assertThat(listed.found()).isEqualTo(1.0);
        assertThat(listed.end()).isEqualTo(TopicResult.End.COMPLETE);
    }

    @Test
    void idsGroundIntoOneShardHideNobodyWhoLooksWhereToBe() {
        TopicExperiment topic = new TopicExperiment(1, 40);
        topic.publishHonest(20);
        topic.publishGround(160, 3);
        topic.publishHonest(20);
        topic.renew();
        Listed listed = topic.list(whole(200));
        assertThat(listed.found()).isEqualTo(1.0);
        assertThat(listed.entries()).isEqualTo(40);
        // Behind the attacker's names is nothing, and each costs a look-up.
        assertThat(listed.records()).isGreaterThan(100);
    }

    @Test
    void aListingThatEndsBeforeAllIsReadSaysSo() {
        TopicExperiment topic = new TopicExperiment(1, 40);
        topic.publishHonest(40);
        assertThat(topic.list(new ListLimits(10, 1_000, 1_000)).end())
                .isEqualTo(TopicResult.End.ENTRIES);
        assertThat(topic.list(new ListLimits(100, 1_000, 10)).end())
                .isEqualTo(TopicResult.End.RECORDS);
        assertThat(topic.list(new ListLimits(100, 3, 1_000)).end())
                .isEqualTo(TopicResult.End.SHARDS);
    }

    @Test
    void aTopicNeedsAsManyServersAsKeepARecord() {
        assertThatThrownBy(() -> new TopicExperiment(1, 19))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Tag("nightly")
    void aThousandHonestEntriesAreFoundBesideTenThousand() {
        TopicExperiment topic = new TopicExperiment(1, 200);
        topic.publishHonest(500);
        topic.publishSybils(10_000);
        topic.publishHonest(500);
        // Some of those who published when the topic was small are not where they have to be now.
        assertThat(topic.list(whole(11_000)).found()).isBetween(0.5, 0.99);
        topic.renew();
        assertThat(topic.list(whole(11_000)).found()).isEqualTo(1.0);
    }
}
