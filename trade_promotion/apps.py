from django.apps import AppConfig


class TradePromotionConfig(AppConfig):
    name = "trade_promotion"
    verbose_name = "Xúc tiến thương mại"

    def ready(self) -> None:
        from ocop_portal import home, navigation
        from trade_promotion import panels

        navigation.register(
            navigation.Entry(
                "Sản phẩm xúc tiến",
                "trade_promotion:eligible_products",
                "trade_promotion.see_eligible_products",
                "event",
                40,
            )
        )
        home.register(panels.contribute)
