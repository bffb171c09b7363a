"""Who may call which route: the one table. A route that has no line here is refused to everybody in server mode.

Most lines say which role in the project of the path it takes. A new route gets a line here, by its operation id; the
test of the table (tests/api/test_access_table.py) fails until it has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from backend.services.person import Role

Kind = Literal["everybody", "signed in", "project", "installation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a route takes.

    everybody: nothing; signed in: any person; project: `role` in the project of the path; installation: an admin of the
    installation, in person. An API key may do what its person may, with its own `role` at most: `role` here also says
    what it takes of the key where there is no project in the path. `in_person` are routes that no key may call.
    `recorded` routes are in the audit log. With `who` false nobody looks who is asking, so that they are answered when
    the database is away.
    """

    kind: Kind
    role: Role = "viewer"
    in_person: bool = False
    recorded: bool = False
    who: bool = True


def _project(role: Role, operations: str, *, recorded: bool = True) -> dict[str, Need]:
    return {name: Need(kind="project", role=role, recorded=recorded) for name in operations.split()}


def _any(need: Need, operations: str) -> dict[str, Need]:
    return dict.fromkeys(operations.split(), need)


NEEDS: Final[Mapping[str, Need]] = {
    **_any(
        Need(kind="everybody", who=False),
        # The page, the API's description and what supervisors ask for hold no data.
        "get_health health ready metrics openapi _docs _page",
    ),
    # Those of accounts that say or do something look for themselves who is asking.
    **_any(Need(kind="everybody"), "get_account"),
    **_any(
        Need(kind="everybody", recorded=True),
        "sign_in sign_out choose_password begin_provider_sign_in finish_provider_sign_in provider_sign_out",
    ),
    **_any(
        Need(kind="signed in"),
        "get_system list_projects list_library list_exchanges get_exchange get_own_key check_exchange read_exchange "
        "list_exchange_models get_exchange_model list_exchange_keys list_exchange_transfers list_rounds get_round "
        "search_codes list_exchange_jobs get_exchange_job list_exchange_job_events stream_exchange_job",
    ),
    # What runs in one's own projects; asked for all the time by every page.
    **_any(Need(kind="signed in"), "list_followed_jobs stream_followed_jobs"),
    **_any(Need(kind="signed in", role="admin", recorded=True), "create_project create_demo_project"),
    **_any(
        Need(kind="signed in", in_person=True, recorded=True),
        "change_password list_api_keys add_api_key get_api_key remove_api_key list_own_identities join_own_identity "
        "remove_own_identity",
    ),
    **_any(
        Need(kind="installation", in_person=True, recorded=True),
        "list_users add_user get_user change_user new_user_link list_user_identities add_user_identity "
        "get_user_identity remove_user_identity list_audit_entries verify_audit export_audit "
        "add_exchange change_exchange remove_exchange decide_exchange_key forget_exchange_key withdraw_model "
        "start_exchange_job cancel_exchange_job rebuild_exchange_index start_round join_round undo_round "
        "take_back_contribution",
    ),
    **_project(
        "viewer",
        "get_project get_overview get_dataset_statistics get_dataset_sources get_run_sources get_run_mistakes "
        "list_recordings get_recording_facets get_recording_place "
        "list_views get_recording get_signal get_original download_recording draw_recording "
        "get_measurements get_aligned list_imports get_import list_outcomes get_import_report list_datasets "
        "get_dataset list_labels_in_files list_runs compare_runs get_run get_out_of_fold_csv estimate_run "
        "list_models get_model get_model_card get_onnx get_package get_weights list_predictions get_prediction "
        "get_prediction_csv list_prediction_results list_evaluations get_evaluation get_evaluation_csv "
        "get_evaluation_parquet get_evaluation_report list_evaluated_recordings compare_evaluations "
        "predict_recording predict_files embed_recordings list_transfers get_transfer list_members get_member "
        "list_comparisons get_comparison estimate_comparison get_learning_curve list_explanations get_explanation "
        "list_drift_checks get_drift_check list_odd_recordings get_stress_test get_retention get_dicom_result",
    ),
    # Asked for all the time while a job runs; what it says is progress, never a patient's data.
    **_project("viewer", "list_jobs get_job list_job_events stream_job", recorded=False),
    **_project(
        "annotator",
        "upload_recordings preview_upload create_dataset preview_dataset create_dataset_of_files take_in_ecg "
        "store_dicom_instances save_view delete_view list_label_sets get_label_set get_reading_queue save_reading "
        "list_readings get_read_recording reveal_recording",
    ),
    **_project(
        "trainer",
        "create_run delete_run create_pretraining import_model update_model delete_model create_prediction "
        "delete_prediction create_evaluation delete_evaluation delete_dataset cancel_job resume_job pull_model "
        "delete_transfer get_publication create_label_set change_label_set delete_label_set freeze_label_set "
        # What all readers say, which would unblind those who read.
        "get_agreement get_annotations_csv list_disagreements "
        "create_comparison cancel_comparison resume_comparison delete_comparison start_learning_curve "
        "cancel_learning_curve create_explanation delete_explanation "
        "create_drift_check delete_drift_check create_stress_test send_dicom_results",
    ),
    **_project(
        "admin",
        "update_project delete_project export_project delete_recording find_patient erase_patient push_model "
        "contribute_to_round merge_round set_member remove_member get_webhook put_webhook delete_webhook "
        "put_retention delete_retention preview_retention list_retention_notices list_retention_holds "
        "add_retention_hold get_retention_hold remove_retention_hold",
    ),
}
"""Operation -> what it takes."""

ADJUDICATE: Final = Need(kind="project", role="trainer")
"""What an adjudication takes of `save_reading`: it stands above all readers, so it takes what seeing them takes."""
