//! The cases that a relying party must get right, each with the tests that hold it; `CASES.md` is made of this.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// A rule in a few words, and its tests: `file::name` in `tests/it`, or `path/file::name` from the folder of crates.
type Case = (&'static str, &'static [&'static str]);

#[rustfmt::skip] // a case a line, as far as it goes
const CASES: [Case; 110] = [
    ("the challenge is compared letter by letter", &["registration::challenge_differs_in_one_letter", "registration::challenge_longer_by_one_byte", "registration::challenge_is_empty", "registration::challenge_is_padded", "authentication::another_challenge"]),
    ("the challenge comes from what was kept", &["borders::an_answer_fits_only_the_ceremony_it_was_made_for"]),
    ("what was used once is known by its id", &["borders::an_answer_fits_only_the_ceremony_it_was_made_for"]),
    ("a ceremony ends", &["registration::the_ceremony_has_expired", "authentication::the_ceremony_has_expired", "borders::a_ceremony_lasts_to_its_last_millisecond", "borders::a_lifetime_is_more_than_nothing_and_at_most_a_day"]),
    ("a challenge has at least 16 bytes", &["borders::a_challenge_has_16_to_1024_bytes", "registration::a_short_challenge_and_too_many_credentials_do_not_begin"]),
    ("create does not pass for get, nor the reverse", &["registration::client_data_of_a_login", "authentication::client_data_of_a_registration"]),
    ("the type is compared with its case", &["registration::client_data_type_in_another_case"]),
    ("a longer name is no name below", &["registration::origin_of_a_longer_name", "registration::origin_below_another_name", "webauthn/src/origin::a_longer_name_is_not_a_name_below"]),
    ("scheme and port belong to the origin", &["registration::origin_without_tls", "registration::origin_on_another_port", "registration::origin_with_its_default_port", "authentication::another_origin"]),
    ("an origin is not normalised", &["registration::origin_with_a_user", "registration::origin_with_a_slash", "registration::origin_in_upper_case", "registration::origin_with_a_final_dot", "webauthn/src/origin::an_origin_is_what_a_browser_writes"]),
    ("an Android origin is compared byte by byte", &["borders::an_android_origin_is_compared_byte_by_byte"]),
    ("names below and other ports are listed or refused", &["registration::origin_below_ours_is_not_ours", "registration::origin_on_another_port"]),
    ("frames are refused unless allowed, in both ceremonies", &["registration::a_frame_without_being_allowed", "authentication::a_frame_without_being_allowed"]),
    ("topOrigin is listed, and comes with crossOrigin", &["registration::a_top_origin_that_is_not_listed", "registration::a_top_origin_without_a_frame", "registration::an_empty_list_of_top_origins_lists_none", "registration::a_top_origin_that_is_required_and_missing", "authentication::a_top_origin_without_a_frame"]),
    ("client data is strict JSON, its mark stripped, others' members tolerated", &["registration::client_data_has_a_member_twice", "registration::client_data_is_not_utf8", "registration::what_the_specification_tolerates_is_tolerated", "webauthn/src/client_data::what_is_ambiguous_is_refused", "webauthn/src/client_data::a_byte_order_mark_is_stripped"]),
    ("the limited algorithm agrees with the parser", &["borders::the_limited_algorithm_agrees_with_the_parser_on_every_recording", "webauthn/src/client_data::the_limited_algorithm_wants_the_members_in_their_order"]),
    ("an RP ID is a host name", &["webauthn/src/rp_id::an_rp_id_is_a_host_name_and_nothing_else", "ceremony::a_relying_party_that_cannot_be_is_refused_when_built"]),
    ("a ceremony is finished by its own relying party", &["registration::begun_for_another_rp_id", "authentication::begun_for_another_rp_id", "authentication::the_record_of_another_rp_id"]),
    ("id, rawId and the attested id are one; the attested is kept", &["registration::id_is_not_raw_id", "registration::both_ids_are_not_the_attested_one", "authentication::id_is_not_raw_id", "borders::ids_that_disagree_pass_by_their_leniency_and_the_attested_one_is_kept"]),
    ("a credential id has 1 to 1023 bytes", &["registration::credential_id_of_no_byte", "registration::credential_id_of_1024_bytes", "registration::what_the_specification_tolerates_is_tolerated", "webauthn/src/credential_id::a_credential_id_has_1_to_1023_bytes"]),
    ("a known credential is the caller's to refuse", &["registration::a_known_credential_is_the_callers_to_refuse"]),
    ("only allowed credentials log in", &["authentication::a_credential_that_is_not_allowed"]),
    ("the user handle is that of the named account", &["authentication::user_handle_of_another_account"]),
    ("a discoverable login needs a user handle", &["authentication::a_discoverable_login_names_its_account"]),
    ("a ceremony of one kind is not finished as another", &["ceremony::what_is_kept_comes_back_as_its_own_kind_only"]),
    ("a user handle has 1 to 64 bytes", &["webauthn/src/user::a_user_handle_has_1_to_64_bytes_and_comes_back_bit_by_bit", "authentication::user_handle_of_no_byte", "authentication::user_handle_of_65_bytes"]),
    ("refusals look alike, and nobody's account is stable", &["borders::an_unknown_credential_and_a_bad_signature_look_alike", "registration::refusals_look_alike_from_outside", "ceremony::an_imaginary_account_is_stable_and_its_own"]),
    ("an empty allowCredentials is none", &["authentication::what_the_specification_tolerates_is_tolerated", "ceremony::request_options_are_the_json_form"]),
    ("type is public-key", &["registration::type_is_not_public_key", "authentication::type_is_not_public_key"]),
    ("somebody is present", &["registration::nobody_was_present", "authentication::nobody_was_present"]),
    ("user verification is what was asked", &["registration::nobody_was_verified_and_it_was_required", "authentication::nobody_was_verified_and_it_was_required", "authentication::what_the_specification_tolerates_is_tolerated"]),
    ("conditional creation needs nobody present", &["registration::conditional_creation_still_requires_verification", "registration::what_the_specification_tolerates_is_tolerated"]),
    ("BS needs BE", &["registration::backup_state_without_eligibility", "authentication::backup_state_without_eligibility"]),
    ("BE stays what it was", &["authentication::eligible_and_was_not", "authentication::was_eligible_and_is_not", "borders::a_changed_eligibility_passes_by_its_leniency"]),
    ("reserved flags are passed over", &["webauthn/src/authenticator_data::reserved_flags_are_passed_over", "registration::what_the_specification_tolerates_is_tolerated", "authentication::what_the_specification_tolerates_is_tolerated"]),
    ("each flag has its bytes", &["authentication::attested_data_in_an_assertion", "authentication::extensions_flag_without_bytes", "registration::extensions_without_their_flag", "registration::authenticator_data_cut_in_the_key", "webauthn/src/authenticator_data::every_byte_is_announced_by_a_flag"]),
    ("the counter grows or was always zero", &["borders::the_counter_grows_or_was_always_zero", "authentication::the_counter_stands_still", "authentication::the_counter_goes_back", "authentication::the_counter_goes_to_zero"]),
    ("a suspected clone does not move the stored count", &["authentication::a_counter_that_goes_back_passes_by_name_and_never_moves_the_record_back"]),
    ("nothing follows the attestation object", &["registration::trailing_byte_after_the_object"]),
    ("nothing follows the authenticator data", &["registration::trailing_byte_after_the_key", "authentication::trailing_byte_after_authenticator_data"]),
    ("each key stands once", &["registration::object_with_a_key_twice", "registration::key_with_a_label_twice", "registration::an_extension_twice", "webauthn/src/cbor/reader::an_unsorted_map_still_has_each_key_once"]),
    ("an integer is neither true nor text", &["webauthn/src/cbor/reader::an_integer_is_neither_true_nor_text", "registration::key_whose_kty_is_true"]),
    ("CBOR is CTAP2's", &["webauthn/src/cbor/reader::what_ctap2_forbids_is_refused", "registration::key_with_a_long_integer", "registration::key_out_of_order", "registration::object_of_indefinite_length"]),
    ("lengths and depth are bounded", &["webauthn/src/cbor/reader::a_huge_declared_length_costs_nothing", "webauthn/src/cbor/reader::what_ctap2_forbids_is_refused"]),
    ("Firefox 117's keys pass by name, and log in", &["registration::key_of_firefox_117_without_its_leniency", "registration::firefox_117_keys_pass_by_their_leniency", "borders::a_firefox_117_key_logs_in_by_its_leniency"]),
    ("the key ends where its map ends", &["webauthn/src/authenticator_data::the_key_ends_where_its_map_ends", "webauthn/src/cbor/reader::a_prefix_says_where_it_ended"]),
    ("the object's members stand in any order, with more beside", &["borders::the_members_of_the_object_may_stand_in_any_order", "registration::what_the_specification_tolerates_is_tolerated"]),
    ("a key says its alg, as a number", &["registration::key_without_alg", "registration::key_whose_alg_is_text"]),
    ("only offered algorithms register", &["registration::algorithm_that_was_not_offered", "ceremony::sha_1_is_not_offered_for_credentials"]),
    ("kty, crv and alg are one", &["webauthn/src/cose/mod::kty_crv_and_alg_are_one_triple", "borders::kty_crv_and_alg_are_one_for_every_kind_of_key", "registration::key_on_another_curve_than_alg_says"]),
    ("optional members of a key are refused", &["registration::key_with_key_ops", "webauthn/src/cose/mod::optional_members_and_compressed_points_are_refused"]),
    ("a point is whole and on its curve", &["registration::key_compressed", "registration::key_off_its_curve", "registration::key_of_zeros", "crypto/src/public_key::a_coordinate_is_as_long_as_the_field", "crypto/src/public_key::a_point_lies_on_its_curve"]),
    ("an RSA key is one to use", &["registration::rsa_key_of_1024_bits", "registration::rsa_key_with_an_even_modulus", "registration::rsa_key_with_a_leading_zero", "registration::rsa_key_with_the_exponent_1", "registration::rsa_key_with_an_even_exponent", "crypto/src/public_key::an_exponent_is_odd_at_least_3_and_at_most_33_bits", "vectors::recorded_answers_get_the_recorded_verdict"]),
    ("what registers logs in", &["registration::every_algorithm_that_registers_also_logs_in"]),
    ("an ECDSA signature has one form", &["crypto/tests/it/signatures::an_ecdsa_signature_is_der_in_its_one_form", "authentication::signature_of_zeros", "authentication::signature_with_a_byte_behind"]),
    ("an Edwards signature and key have one form", &["crypto/tests/it/signatures::an_ed25519_signature_has_a_reduced_s", "crypto/src/public_key::an_edwards_point_of_small_order_or_in_another_encoding_is_refused", "registration::ed25519_key_of_small_order"]),
    ("two numbers are no DER", &["authentication::signature_as_two_numbers"]),
    ("an unknown algorithm has no default", &["crypto/src/algorithm::a_number_or_a_name_stands_for_one_row", "attestation::packed::alg_that_is_not_known", "attestation::tpm::name_hashed_with_sha1"]),
    ("an unknown format is said to be unknown", &["attestation::general::a_format_that_is_not_known", "attestation::general::a_format_in_another_case"]),
    ("none has an empty statement", &["attestation::an_unknown_member_of_a_statement_is_refused_in_every_format", "attestation::general::none_that_is_an_array"]),
    ("none is judged by policy", &["attestation::general::none_where_policy_wants_a_path", "metadata::none_is_judged_by_policy_where_metadata_counts"]),
    ("the statement's alg fits the certificate's key", &["attestation::packed::alg_of_another_kind_of_key"]),
    ("a chain is one to ten certificates in DER", &["attestation::packed::chain_is_empty", "attestation::packed::chain_of_junk", "attestation::packed::chain_too_long", "attestation::packed::certificate_with_a_byte_behind"]),
    ("an impostor with the genuine name is nothing", &["trust::a_self_signed_impostor_with_the_genuine_name_is_nothing", "attestation::packed::another_root"]),
    ("every link of a path holds", &["trust::every_link_must_hold", "trust::an_anchor_limits_what_stands_below_it", "borders::an_intermediate_limits_what_stands_below_it"]),
    ("an anchor is a root, an intermediate or the leaf", &["trust::an_anchor_is_a_root_an_intermediate_or_the_leaf"]),
    ("the root stands in the chain or not", &["trust::the_root_may_stand_in_the_chain_or_not"]),
    ("certificates count within their time", &["borders::a_certificate_counts_from_its_first_to_its_last_second", "trust::every_link_must_hold"]),
    ("the AAGUID extension is the AAGUID", &["attestation::packed::aaguid_is_another", "attestation::packed::aaguid_is_critical", "attestation::packed::aaguid_in_one_octet_string", "attestation::packed::aaguid_of_15_bytes", "attestation::packed::an_absent_aaguid_extension_passes"]),
    ("an all-zero AAGUID is identified by the certificate", &["metadata::an_all_zero_aaguid_is_identified_by_the_extension_of_the_certificate", "attestation::packed::all_zero_aaguid_with_an_extension_that_names_a_model", "attestation::u2f::certificate_with_a_critical_aaguid", "attestation::u2f::certificate_with_an_aaguid_in_one_octet_string", "metadata::an_unknown_aaguid_is_not_looked_up_by_its_attestation_key"]),
    ("packed's certificate is as §8.2.1 has it", &["attestation::packed::country_is_a_word", "attestation::packed::country_with_a_digit", "attestation::packed::no_organization", "attestation::packed::another_unit", "attestation::packed::two_units", "attestation::packed::common_name_is_empty", "attestation::packed::certificate_of_version_1", "attestation::packed::certificate_of_an_authority"]),
    ("self attestation has the credential's alg and no chain", &["attestation::packed::self_attestation_has_the_credentials_algorithm"]),
    ("ECDAA is refused", &["attestation::packed::ecdaa", "attestation::tpm::ecdaa"]),
    ("a certificate of one device is reported", &["attestation::packed::a_certificate_of_one_device_is_reported"]),
    ("compound has two to eight members, none compound", &["attestation::compound::no_member", "attestation::compound::one_member", "attestation::compound::nine_members", "attestation::compound::compound_in_compound", "attestation::compound::format_is_no_text", "attestation::compound::one_of_two_is_wrong", "attestation::compound::one_of_two_is_enough_by_policy"]),
    ("certInfo is of this answer and this object", &["attestation::tpm::magic_of_another_structure", "attestation::tpm::type_of_another_structure", "attestation::tpm::cert_info_of_another_answer", "attestation::tpm::cert_info_of_another_object", "attestation::tpm::public_area_not_the_one_that_was_certified"]),
    ("pubArea is the credential key", &["attestation::tpm::public_area_of_another_key", "attestation::tpm::public_area_of_another_curve", "webauthn/src/attestation/tpm/structures::an_exponent_of_zero_is_65537_and_is_big_endian"]),
    ("TPM structures are read to their last byte", &["attestation::tpm::public_area_with_a_byte_behind", "attestation::tpm::public_area_cut_short", "attestation::tpm::cert_info_with_a_byte_behind", "attestation::tpm::cert_info_cut_short", "webauthn/src/attestation/tpm/structures::attest_is_read_to_its_last_byte"]),
    ("ver is 2.0", &["attestation::tpm::version_is_not_2_0"]),
    ("the AIK certificate is as §8.3.1 has it", &["attestation::tpm::subject_is_not_empty", "attestation::tpm::no_alternative_name", "attestation::tpm::alternative_name_is_not_critical", "attestation::tpm::manufacturer_is_not_registered", "attestation::tpm::the_makers_attributes_may_stand_in_one_relative_name_or_in_several", "attestation::tpm::an_unregistered_manufacturer_passes_by_its_leniency", "attestation::tpm::no_purpose", "attestation::tpm::another_purpose", "attestation::tpm::certificate_of_an_authority", "attestation::tpm::aaguid_is_another"]),
    ("SHA-1 of a TPM passes by name only", &["attestation::tpm::rsa_with_sha1", "trust::sha_1_counts_for_a_leaf_and_for_a_tpms_only_by_its_leniency", "vectors::recorded_answers_get_the_recorded_verdict"]),
    ("a TPM makes no Edwards keys", &["attestation::tpm::eddsa", "attestation::tpm::a_credential_key_on_an_edwards_curve"]),
    ("Android's challenge is the client data's hash", &["attestation::android_key::challenge_of_another_answer"]),
    ("Android's leaf is the credential key", &["attestation::android_key::leaf_key_is_not_the_credentials", "attestation::android_key::certificate_of_another_key"]),
    ("a key for every application is refused", &["attestation::android_key::every_application_in_the_software_list", "attestation::android_key::every_application_in_the_trusted_list"]),
    ("origin, purpose and order of Android's lists", &["attestation::android_key::key_was_imported", "attestation::android_key::key_for_encryption", "attestation::android_key::origin_is_not_said", "attestation::android_key::purpose_is_not_said", "attestation::android_key::only_the_software_says_so", "attestation::android_key::the_software_list_counts_by_policy", "attestation::android_key::key_that_software_imported_and_either_list_counts", "attestation::android_key::no_key_description", "attestation::android_key::fields_out_of_order"]),
    ("StrongBox passes, and a purpose is signing alone", &["attestation::android_key::a_key_in_strongbox_passes", "attestation::android_key::key_for_signing_and_more", "attestation::android_key::key_for_no_purpose"]),
    ("a root on P-384 ends a path", &["borders::a_path_that_ends_at_a_root_on_p384_passes"]),
    ("a root is trusted when it is named", &["trust::an_anchor_is_a_root_an_intermediate_or_the_leaf", "attestation::packed::another_root"]),
    ("SafetyNet is of this answer, host and time", &["attestation::a_statement_about_other_bytes_is_refused_in_every_format", "attestation::safetynet::another_host", "attestation::safetynet::device_is_not_vouched_for", "attestation::safetynet::of_another_time", "attestation::safetynet::of_the_future", "attestation::safetynet::signature_of_another", "borders::safetynet_answers_are_of_this_time"]),
    ("Apple's nonce and key are this answer's", &["attestation::apple::certificate_of_another_key", "attestation::apple::no_nonce", "attestation::apple::a_nonce_that_is_no_sequence", "attestation::apple::another_root", "attestation::a_statement_about_other_bytes_is_refused_in_every_format"]),
    ("U2F has one certificate on P-256, and no AAGUID", &["attestation::u2f::two_certificates", "attestation::u2f::no_certificate", "attestation::u2f::certificate_key_on_another_curve", "attestation::u2f::an_aaguid", "attestation::u2f::an_aaguid_passes_by_its_leniency", "attestation::u2f::an_aaguid_that_is_not_the_certificates"]),
    ("an AppID was asked for, said and signed", &["authentication::an_app_id_that_was_not_asked_for", "authentication::an_app_id_that_the_client_does_not_confirm", "authentication::an_app_id_that_is_said_and_not_signed", "authentication::what_the_specification_tolerates_is_tolerated", "borders::an_app_id_is_an_https_url_of_the_relying_party"]),
    ("a key that U2F registered logs in", &["borders::a_key_that_u2f_registered_logs_in"]),
    ("the blob's root may change", &["metadata::a_blob_under_either_of_two_roots_counts", "metadata::recorded_blobs_get_the_recorded_verdict"]),
    ("the blob is signed by whom policy names", &["metadata::a_blob_is_refused_for_its_signer_and_for_its_number", "metadata::the_blobs_signer_is_the_host_that_policy_names", "metadata::sha_1_counts_for_no_certificate_of_the_blobs_signer", "metadata::a_revoked_signer_signs_no_blob", "metadata::recorded_blobs_get_the_recorded_verdict"]),
    ("an old blob is refused", &["metadata::metadata_that_is_out_of_date_is_refused_unless_policy_says_otherwise", "metadata::a_blob_is_refused_for_its_signer_and_for_its_number"]),
    ("what is not known in metadata is kept", &["metadata::what_is_not_known_in_an_entry_is_kept", "metadata::a_known_model_without_a_bad_report_is_trusted"]),
    ("status reports count by day, place and certificate", &["metadata::a_bad_report_counts_from_its_day", "metadata::a_report_of_the_future_counts_from_its_day", "metadata::reports_are_ordered_by_day_and_within_a_day_by_place", "metadata::a_later_not_fido_certified_ends_a_certification", "metadata::a_certification_past_its_sunset_neither_certifies_nor_mends", "metadata::a_later_certification_counts_by_policy_and_never_after_revocation", "metadata::a_report_about_the_leaf_an_intermediate_or_the_anchor_of_the_path_counts", "metadata::a_certification_of_another_batch_certifies_nothing"]),
    ("revocation lists count for what they name", &["trust::a_list_names_what_is_revoked", "borders::a_revoked_intermediate_revokes_what_stands_below_it", "trust::a_list_is_read_to_its_last_byte", "trust::a_serial_number_can_be_refused_without_a_list"]),
    ("an unknown model is not trusted", &["metadata::an_unknown_model_is_never_trusted_by_itself", "metadata::a_model_whose_entry_cannot_be_read_is_trusted_by_no_other_anchor"]),
    ("anchors that cannot be read are errors", &["trust::anchors_are_read_from_pem_and_nothing_else"]),
    ("unsolicited extensions are reported and pass", &["registration::unsolicited_extensions_are_reported_and_pass", "borders::an_extension_is_reported_as_requested_returned_and_signed"]),
    ("protection is what was enforced", &["registration::protection_lower_than_enforced", "borders::protection_is_at_least_what_was_enforced"]),
    ("prf has its salts and lengths", &["prf::salts_and_results_are_those_of_the_specification", "prf::salts_have_32_or_64_bytes_whatever_the_inputs_have", "prf::a_result_has_32_bytes_in_both_ceremonies", "prf::inputs_by_credential_are_for_logins_with_listed_credentials"]),
    ("an absent rk is not false", &["borders::an_absent_rk_is_not_false"]),
    ("members that repeat are compared, names unknown pass", &["registration::members_that_repeat_the_object_are_compared_and_not_used", "borders::unknown_transports_and_attachments_pass"]),
    ("base64url has one encoding", &["borders::every_member_in_base64url_has_one_encoding", "webauthn/src/json/base64url::there_is_one_encoding", "registration::client_data_is_padded_base64", "registration::raw_id_is_standard_base64", "borders::padded_base64_passes_by_its_leniency"]),
    ("blobs have their largest size", &["borders::blobs_have_their_largest_size"]),
    ("policy is data, and what fails is said", &["borders::a_dry_source_of_randomness_begins_nothing", "ceremony::a_relying_party_that_cannot_be_is_refused_when_built", "attestation::general::self_where_policy_wants_a_path"]),
];

#[test]
fn each_case_has_tests_that_are_there() {
    let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    for (number, (rule, tests)) in (1..).zip(CASES) {
        assert!(!tests.is_empty(), "{number} {rule}");
        for test in tests {
            let (place, name) = test.rsplit_once("::").unwrap();
            let (file, module) = place.split_once("::").unwrap_or((place, ""));
            let path = if file.contains('/') {
                crates.join(format!("{file}.rs"))
            } else {
                crates.join(format!("webauthn/tests/it/{file}.rs"))
            };
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{test}: {error}"));
            assert!(
                is_there(&text, module, name),
                "{number} {rule}: there is no {test}"
            );
        }
    }
}

/// Whether the text has this test, as a function or as a row, in the module if one is named.
fn is_there(text: &str, module: &str, name: &str) -> bool {
    let text = if module.is_empty() {
        text
    } else {
        let Some((_, body)) = text.split_once(&format!("\nmod {module} {{")) else {
            return false;
        };
        body.split_once("\n}").map_or(body, |(body, _)| body)
    };
    let function = format!("fn {name}()");
    let row = format!(" {name} =>");
    let mut before = "";
    text.lines().any(|line| {
        let is_test = before.trim() == "#[test]" && line.contains(&function);
        before = line;
        is_test || line.contains(&row)
    })
}

#[test]
fn the_table_of_cases_is_what_is_made() {
    let mut text = String::from(
        "# Cases and their tests\n\nMade by `tests/it/cases.rs`. What went wrong in relying parties, or must not, \
         and the tests that hold it: `file::name` is in `tests/it`, the others begin with their crate.\n\n\
         | case | rule | tests |\n| --- | --- | --- |\n",
    );
    for (number, (rule, tests)) in (1..).zip(CASES) {
        let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
        writeln!(text, "| {number} | {rule} | {} |", tests.join(", ")).unwrap();
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("CASES.md");
    if std::env::var_os("DOORWARD_RECORD").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == text,
        "CASES.md is not what is made (DOORWARD_RECORD=1 writes it)"
    );
}
