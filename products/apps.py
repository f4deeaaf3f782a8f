from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = "Chủ thể, sản phẩm, hồ sơ"

    def ready(self) -> None:
        from ocop_portal import home, jobs, navigation, notices
        from products import panels, record_tabs
        from products.actions.handover import GIVEN_BACK, HANDED_OVER
        from products.actions.imports import IMPORT
        from products.dossier_bundle import BUNDLE
        from products.dossier_zip import ZIP
        from products.page_pictures import PAGES

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
        )
        home.register(panels.contribute)
        jobs.register(IMPORT)
        notices.register(HANDED_OVER, GIVEN_BACK)
        jobs.register(BUNDLE)
        jobs.register(PAGES)
        jobs.register(ZIP)
