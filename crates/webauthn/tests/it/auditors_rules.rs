//! What `docs/auditors.md` says of functions: which takes a step, which verifies a format, which keeps a rule.
//! Files are below `src`.

use doorward_webauthn::Step;

/// Who takes a step; empty in a ceremony that does not have it.
pub(crate) struct Taken {
    pub(crate) step: Step,
    pub(crate) at_registration: &'static str,
    pub(crate) at_login: &'static str,
}

const fn taken(step: Step, at_registration: &'static str, at_login: &'static str) -> Taken {
    Taken {
        step,
        at_registration,
        at_login,
    }
}

const STATEMENT: &str = "attestation/mod.rs::verify";
const ADMIT: &str = "relying_party.rs::admit";
const CREATE: &str = "registration.rs::verify";
const GET: &str = "authentication.rs::verify";

/// Every step that can refuse.
pub(crate) const TAKEN: &[Taken] = &[
    taken(Step::Options, "ceremony.rs::is_due", "ceremony.rs::is_due"),
    taken(
        Step::Response,
        "json/response.rs::parse",
        "json/response.rs::parse",
    ),
    taken(
        Step::CredentialType,
        "json/response.rs::check",
        "json/response.rs::check",
    ),
    taken(
        Step::CredentialId,
        "registration.rs::credential_id",
        "authentication.rs::finish",
    ),
    taken(Step::UserHandle, "", "authentication.rs::finish"),
    taken(Step::ClientData, "client_data.rs::parse", "client_data.rs::parse"),
    taken(Step::Type, CREATE, GET),
    taken(
        Step::Challenge,
        "ceremony.rs::is_challenge",
        "ceremony.rs::is_challenge",
    ),
    taken(Step::Origin, ADMIT, ADMIT),
    taken(Step::CrossOrigin, ADMIT, ADMIT),
    taken(Step::TopOrigin, ADMIT, ADMIT),
    taken(Step::AttestationObject, "attestation/object.rs::parse", ""),
    taken(
        Step::AuthenticatorData,
        "registration.rs::authenticator_data",
        "authentication.rs::authenticator_data",
    ),
    taken(Step::RpIdHash, CREATE, "authentication.rs::is_rp_id_hash"),
    taken(Step::UserPresence, CREATE, GET),
    taken(
        Step::UserVerification,
        "registration.rs::user_verification",
        "registration.rs::user_verification",
    ),
    taken(
        Step::BackupFlags,
        "registration.rs::backup_flags",
        "registration.rs::backup_flags",
    ),
    taken(
        Step::BackupEligibility,
        "registration.rs::backup_eligibility",
        "authentication.rs::backup_eligibility",
    ),
    taken(Step::PublicKey, "cose/mod.rs::parse", "cose/mod.rs::parse"),
    taken(Step::Algorithm, "registration.rs::offered", ""),
    taken(Step::Format, STATEMENT, ""),
    taken(Step::Statement, STATEMENT, ""),
    taken(Step::AttestationType, STATEMENT, ""),
    taken(Step::AttestationAlgorithm, STATEMENT, ""),
    taken(Step::AttestationSignature, STATEMENT, ""),
    taken(Step::AttestationNonce, STATEMENT, ""),
    taken(Step::AttestationKey, STATEMENT, ""),
    taken(Step::CertificateRequirements, STATEMENT, ""),
    taken(Step::CertificateAaguid, STATEMENT, ""),
    taken(Step::TpmCertInfo, STATEMENT, ""),
    taken(Step::AndroidAuthorization, STATEMENT, ""),
    taken(Step::SafetyNetCts, STATEMENT, ""),
    taken(Step::AttestationChain, "trust/path.rs::find", ""),
    taken(Step::AttestationPolicy, "trust/policy.rs::assess", ""),
    taken(Step::CredentialIdLength, "registration.rs::credential_id", ""),
    taken(Step::Registered, "registration.rs::already_registered", ""),
    taken(Step::Signature, "", "cose/mod.rs::verify"),
    taken(Step::SignCount, "", "authentication.rs::sign_count"),
    taken(
        Step::Extensions,
        "registration.rs::extensions",
        "extensions/outputs.rs::read",
    ),
];

/// Steps that cannot refuse, as the margins of the two functions number them.
pub(crate) const WAYS: &[(&str, &str)] = &[
    ("§7.1 1: the options", "registration.rs::begin"),
    (
        "§7.1 12: the hash of the client data, over its bytes as they came",
        CREATE,
    ),
    (
        "§7.1 21 to 24: format, statement, anchors, verdict",
        "assessment.rs::attestation_report",
    ),
    ("§7.1 26, 27: the credential record", CREATE),
    ("§7.2 1: the options", "authentication.rs::begin"),
    (
        "§7.2 20: the hash of the client data, over its bytes as they came",
        GET,
    ),
    ("§7.2 24: what changes in the record", "login.rs::apply"),
];

/// A format: the subsection, the module of its tests, the function.
pub(crate) struct Format {
    pub(crate) section: &'static str,
    pub(crate) module: &'static str,
    pub(crate) taken_by: &'static str,
}

const fn format(section: &'static str, module: &'static str, taken_by: &'static str) -> Format {
    Format {
        section,
        module,
        taken_by,
    }
}

pub(crate) const FORMATS: &[Format] = &[
    format("§8.2 packed", "packed", "attestation/packed.rs::verify"),
    format("§8.3 tpm", "tpm", "attestation/tpm/mod.rs::verify"),
    format(
        "§8.4 android-key",
        "android_key",
        "attestation/android_key/mod.rs::verify",
    ),
    format(
        "§8.5 android-safetynet",
        "safetynet",
        "attestation/android_safetynet.rs::verify",
    ),
    format("§8.6 fido-u2f", "u2f", "attestation/fido_u2f.rs::verify"),
    format(
        "§8.7 none, and unknown formats",
        "general",
        "attestation/none.rs::verify",
    ),
    format("§8.8 apple", "apple", "attestation/apple.rs::verify"),
    format("§8.9 compound", "compound", "attestation/compound.rs::verify"),
];

/// A rule beside the steps.
pub(crate) struct Rule {
    pub(crate) says: &'static str,
    pub(crate) taken_by: &'static str,
    pub(crate) tests: &'static [&'static str],
}

const fn rule(says: &'static str, taken_by: &'static str, tests: &'static [&'static str]) -> Rule {
    Rule {
        says,
        taken_by,
        tests,
    }
}

/// Trust paths, revocation, metadata.
pub(crate) const RULES: &[Rule] = &[
    rule(
        "RFC 5280 §6.1: a path leads from the leaf to an anchor, which may be a root, an intermediate or the leaf",
        "trust/path.rs::find",
        &[
            "trust::an_anchor_is_a_root_an_intermediate_or_the_leaf",
            "trust::the_root_may_stand_in_the_chain_or_not",
            "trust::of_two_anchors_with_one_name_the_fit_one_counts",
        ],
    ),
    rule(
        "RFC 5280 §6.1.3: a name is no issuer; the signature is",
        "trust/path.rs::issued",
        &["trust::a_self_signed_impostor_with_the_genuine_name_is_nothing"],
    ),
    rule(
        "RFC 5280 §6.1.4: validity, CA bit, key usage, path length, critical extensions of every link",
        "trust/path.rs::authority",
        &[
            "trust::every_link_must_hold",
            "trust::an_anchor_limits_what_stands_below_it",
        ],
    ),
    rule(
        "Which signature algorithms certificates may have",
        "trust/scheme.rs::scheme",
        &[
            "trust::sha_1_counts_for_a_leaf_and_for_a_tpms_only_by_its_leniency",
            "trust::sha_1_never_counts_for_an_intermediate",
        ],
    ),
    rule(
        "Anchors are certificates and nothing else",
        "trust/anchors.rs::add_pem",
        &["trust::anchors_are_read_from_pem_and_nothing_else"],
    ),
    rule(
        "RFC 5280 §6.3: revocation lists, hard or soft by policy",
        "trust/path.rs::check_revocations",
        &[
            "trust::a_list_names_what_is_revoked",
            "trust::a_serial_number_can_be_refused_without_a_list",
        ],
    ),
    rule(
        "RFC 5280 §5: the form of a revocation list",
        "trust/crl.rs::parse",
        &[
            "trust::a_list_is_read_to_its_last_byte",
            "trust::recorded_lists_can_be_read",
        ],
    ),
    rule(
        "A stored attestation is judged again when metadata or lists change",
        "assessment.rs::reassess",
        &["trust::a_stored_attestation_is_judged_again_by_todays_lists"],
    ),
    rule(
        "FIDO MDS 3 §3.2: signature, signer's path, number and date of a BLOB",
        "metadata/blob.rs::verify",
        &[
            "metadata::recorded_blobs_get_the_recorded_verdict",
            "metadata::a_blob_is_refused_for_its_signer_and_for_its_number",
            "metadata::the_blobs_signer_is_the_host_that_policy_names",
            "metadata::a_name_that_is_no_dns_name_is_no_host",
            "metadata::sha_1_counts_for_no_certificate_of_the_blobs_signer",
        ],
    ),
    rule(
        "Which entry speaks for a model",
        "metadata/policy.rs::find",
        &[
            "metadata::an_unknown_model_is_never_trusted_by_itself",
            "metadata::a_u2f_model_is_found_by_its_attestation_key",
            "metadata::an_unknown_aaguid_is_not_looked_up_by_its_attestation_key",
            "metadata::an_aaguid_that_u2f_does_not_sign_names_no_model",
            "metadata::an_all_zero_aaguid_is_identified_by_the_extension_of_the_certificate",
            "metadata::a_model_with_two_entries_must_be_good_by_both",
            "metadata::a_model_whose_entry_cannot_be_read_is_trusted_by_no_other_anchor",
            "metadata::a_u2f_model_whose_entry_cannot_be_read_is_not_trusted",
        ],
    ),
    rule(
        "What policy demands of an entry",
        "metadata/policy.rs::admit",
        &[
            "metadata::a_known_model_without_a_bad_report_is_trusted",
            "metadata::metadata_that_is_out_of_date_is_refused_unless_policy_says_otherwise",
            "metadata::each_level_of_certification_is_at_least_the_lower_ones",
        ],
    ),
    rule(
        "FIDO MDS 3 §3.1.3: status reports, by order and date",
        "metadata/history.rs::is_clean",
        &[
            "metadata::a_bad_report_counts_from_its_day",
            "metadata::a_bad_report_without_a_date_holds_while_it_is_listed",
            "metadata::a_report_of_the_future_counts_from_its_day",
            "metadata::reports_are_ordered_by_day_and_within_a_day_by_place",
            "metadata::a_later_certification_counts_by_policy_and_never_after_revocation",
            "metadata::a_later_not_fido_certified_ends_a_certification",
            "metadata::a_certification_past_its_sunset_neither_certifies_nor_mends",
        ],
    ),
    rule(
        "FIDO MDS 3 §3.1.3: whom a status report concerns",
        "metadata/history.rs::concerns",
        &[
            "metadata::a_report_about_the_leaf_an_intermediate_or_the_anchor_of_the_path_counts",
            "metadata::a_report_about_the_issuer_of_the_anchor_counts",
            "metadata::a_report_without_a_certificate_concerns_the_whole_model",
            "metadata::a_report_whose_certificate_cannot_be_read_concerns_everybody_when_bad_and_nobody_when_good",
            "metadata::a_certification_of_another_batch_certifies_nothing",
        ],
    ),
];

/// Options, state, and what must pass.
pub(crate) const BELOW: &[Rule] = &[
    rule(
        "§5.4, §5.5: options in their JSON form",
        "registration.rs::begin",
        &[
            "ceremony::creation_options_are_the_json_form_and_come_back",
            "ceremony::request_options_are_the_json_form",
            "ceremony::sha_1_is_not_offered_for_credentials",
            "registration::a_short_challenge_and_too_many_credentials_do_not_begin",
        ],
    ),
    rule(
        "What is kept between options and answer is of one ceremony, and is consumed",
        "ceremony.rs::is_due",
        &["ceremony::what_is_kept_comes_back_as_its_own_kind_only"],
    ),
    rule(
        "§14.6.2: an account that is not there looks like one that is",
        "imaginary.rs::imaginary",
        &["ceremony::an_imaginary_account_is_stable_and_its_own"],
    ),
    rule(
        "§14.6: refusals look alike",
        "step.rs::public",
        &["registration::refusals_look_alike_from_outside"],
    ),
    rule(
        "§5.11: related origins",
        "relying_party.rs::admit",
        &["ceremony::related_origins_are_a_document_and_may_run_ceremonies"],
    ),
    rule(
        "§5.1.10: what is signalled to authenticators",
        "json/signal.rs::signal_unknown",
        &["ceremony::signals_have_the_members_of_their_methods"],
    ),
    rule(
        "Nothing registers that cannot log in",
        "cose/mod.rs::parse",
        &["registration::every_algorithm_that_registers_also_logs_in"],
    ),
    rule(
        "What the specification tolerates passes",
        "registration.rs::verify",
        &[
            "registration::what_the_specification_tolerates_is_tolerated",
            "authentication::what_the_specification_tolerates_is_tolerated",
            "registration::unsolicited_extensions_are_reported_and_pass",
        ],
    ),
];
