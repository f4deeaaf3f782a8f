from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = "Chủ thể, sản phẩm, hồ sơ"

    def ready(self) -> None:
        from ocop_portal import home, jobs, listing, navigation, notices, searching
        from products import finding, panels, record_tabs
        from products.actions import import_undo  # noqa: F401 - adds its step to the job
        from products.actions.handover import GIVEN_BACK, HANDED_OVER
        from products.actions.imports import IMPORT
        from products.actions.rechecks import RAISED
        from products.actions.supplements import ANSWERED, ASKED
        from products.actions.waiting import DUE
        from products.dossier_bundle import BUNDLE
        from products.dossier_zip import ZIP
        from products.expiring import EXPIRING
        from products.page_pictures import PAGES
        from products.supplement_document import SUPPLEMENT_REQUEST

        navigation.register(
            navigation.Entry(
                "Chủ thể", "products:producer_list", "products.see_producers", "producer", 10
            ),
            navigation.Entry(
                "Sản phẩm", "products:product_list", "products.see_products", "product", 11
            ),
            navigation.Entry(
                "Hồ sơ", "products:dossier_list", "products.see_dossiers", "dossier", 12
            ),
            navigation.Entry(
                "Nhập từ Excel", "products:import_list", "products.import_products", "import", 13
            ),
        )
        record_tabs.register(
            record_tabs.Tab("Hồ sơ", "products:dossier_detail", "products.see_dossiers", 10),
            record_tabs.Tab("Mang sang", "products:dossier_carry", "products.see_dossiers", 12),
            record_tabs.Tab("Tự chấm điểm", "products:self_score", "products.see_dossiers", 14),
            record_tabs.Tab("Biểu mẫu", "products:dossier_forms", "products.see_dossiers", 16),
            record_tabs.Tab(
                "Báo cáo của xã", "products:commune_report", "products.see_commune_report", 18
            ),
            record_tabs.Tab("Hiệu lực", "products:dossier_validity", "products.see_dossiers", 20),
            record_tabs.Tab("Kiểm tra", "products:dossier_check", "products.receive_dossiers", 22),
            record_tabs.Tab("Nâng hạng sao", "products:ladder", "products.see_ladder", 50),
        )
        record_tabs.register(
            *(
                record_tabs.Tab(
                    label, f"products:{name}", "products.see_products", order, "product"
                )
                for order, (label, name) in enumerate(
                    [
                        ("Thông tin", "product_detail"),
                        ("Ảnh", "product_photos"),
                        ("Tiêu chuẩn, bao bì", "product_quality"),
                        ("Số liệu năm", "product_figures"),
                        ("Hồ sơ, kết quả", "product_results"),
                    ]
                )
            )
        )
        home.register(panels.contribute)
        searching.register(*finding.KINDS)
        listing.register(
            producers="products.listings.PRODUCERS",
            products="products.listings.PRODUCTS",
            dossiers="products.listings.DOSSIERS",
        )
        jobs.register(IMPORT)
        notices.register(HANDED_OVER, GIVEN_BACK, ASKED, ANSWERED, DUE, EXPIRING, RAISED)
        jobs.register(BUNDLE)
        jobs.register(SUPPLEMENT_REQUEST)
        jobs.register(PAGES)
        jobs.register(ZIP)
