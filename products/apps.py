from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = "Chủ thể, sản phẩm, hồ sơ"

    def ready(self) -> None:
        from ocop_portal import home, jobs, listing, navigation, notices, searching
        from products import finding, panels, record_tabs
        from products.actions.handover import GIVEN_BACK, HANDED_OVER
        from products.actions.rechecks import RAISED
        from products.actions.supplements import ANSWERED, ASKED
        from products.actions.waiting import DUE
        from products.expiring import EXPIRING

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
            record_tabs.Tab(
                "Thông tin", "products:product_detail", "products.see_products", 0, "product"
            ),
            record_tabs.Tab(
                "Ảnh", "products:product_photos", "products.see_products", 1, "product"
            ),
            record_tabs.Tab(
                "Tiêu chuẩn, bao bì",
                "products:product_quality",
                "products.see_products",
                2,
                "product",
            ),
            record_tabs.Tab(
                "Số liệu năm", "products:product_figures", "products.see_products", 3, "product"
            ),
            record_tabs.Tab(
                "Hồ sơ, kết quả", "products:product_results", "products.see_products", 4, "product"
            ),
        )
        home.register(panels.contribute)
        searching.register(*finding.KINDS)
        listing.register(
            producers="products.listings.PRODUCERS",
            products="products.listings.PRODUCTS",
            dossiers="products.listings.DOSSIERS",
        )
        jobs.register(
            imports="products.actions.imports.IMPORT",
            dossier_bundle="products.dossier_bundle.BUNDLE",
            dossier_zip="products.dossier_zip.ZIP",
            page_pictures="products.page_pictures.PAGES",
            supplement_request="products.supplement_document.SUPPLEMENT_REQUEST",
        )
        notices.register(HANDED_OVER, GIVEN_BACK, ASKED, ANSWERED, DUE, EXPIRING, RAISED)
