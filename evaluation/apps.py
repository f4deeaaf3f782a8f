from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = "Đánh giá, phân hạng"

    def ready(self) -> None:
        from evaluation import finding, ladder_source, panels
        from evaluation.notices import EXPIRING, RECOGNISED
        from ocop_portal import home, jobs, listing, navigation, notices, searching
        from products import official_results

        navigation.register(
            navigation.Entry(
                "Chấm điểm", "evaluation:my_sheets", "evaluation.score_products", "score", 5
            ),
            navigation.Entry(
                "Kết quả", "evaluation:result_list", "evaluation.see_results", "dashboard", 30
            ),
            navigation.Entry(
                "Quyết định",
                "evaluation:decision_list",
                "evaluation.see_decisions",
                "decision",
                31,
            ),
            navigation.Entry(
                "Giấy chứng nhận",
                "evaluation:certificate_list",
                "evaluation.see_certificates",
                "certificate",
                32,
            ),
        )
        home.register(panels.contribute)
        official_results.register(ladder_source.last_result)
        searching.register(*finding.KINDS)
        listing.register(
            results="evaluation.listings.RESULTS",
            decisions="evaluation.listings.DECISIONS",
            certificates="evaluation.listings.CERTIFICATES",
        )
        notices.register(RECOGNISED, EXPIRING)
        jobs.register(certificates="evaluation.certificate_jobs.RENDER")
